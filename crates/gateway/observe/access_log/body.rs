use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::line::Line;
use super::watch::Watch;

pin_project! {
    /// A response body that writes the request's line when the body ends. The default is an empty body without a line.
    #[derive(Debug)]
    pub(crate) struct LogBody<B>
    where
        B: Body,
    {
        #[pin]
        inner: Option<B>,
        watch: Option<Box<Watch>>,
    }

    impl<B: Body> PinnedDrop for LogBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(line) = take(this.watch) {
                let is_over = this.inner.as_ref().as_pin_ref().is_none_or(|body| body.is_end_stream());
                if is_over { line.complete() } else { line.client_gone() }
            }
        }
    }
}

impl<B: Body> LogBody<B> {
    pub(super) fn new(inner: B, watch: Option<Box<Watch>>) -> Self {
        Self { inner: Some(inner), watch }
    }
}

impl<B: Body> Default for LogBody<B> {
    fn default() -> Self {
        Self { inner: None, watch: None }
    }
}

fn take(watch: &mut Option<Box<Watch>>) -> Option<Line> {
    watch.as_mut()?.line.take()
}

impl<B> Body for LogBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let this = self.project();
        let Some(inner) = this.inner.as_pin_mut() else { return Poll::Ready(None) };
        let frame = ready!(Watch::within(this.watch.as_deref(), || inner.poll_frame(cx)));
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                let line = this.watch.as_mut().and_then(|watch| watch.line.as_mut());
                if let (Some(line), Some(data)) = (line, frame.data_ref()) {
                    line.count(data.remaining());
                } else if frame.is_trailers()
                    && let Some(line) = take(this.watch)
                {
                    // Trailers are the last frame, and the server may not poll again after them.
                    line.complete();
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => {
                let error = error.into();
                if let Some(line) = take(this.watch) {
                    line.broken(&*error);
                }
                Some(Err(error))
            }
            None => {
                if let Some(line) = take(this.watch) {
                    line.complete();
                }
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
