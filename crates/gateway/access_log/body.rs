use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::line::Line;

pin_project! {
    /// A response body that writes the request's line when the body ends. The default is an empty body without a line.
    #[derive(Debug)]
    pub(crate) struct LogBody<B>
    where
        B: Body,
    {
        #[pin]
        inner: Option<B>,
        line: Option<Line>,
    }

    impl<B: Body> PinnedDrop for LogBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(line) = this.line.take() {
                let is_over = this.inner.as_ref().as_pin_ref().is_none_or(|body| body.is_end_stream());
                if is_over { line.complete() } else { line.client_gone() }
            }
        }
    }
}

impl<B: Body> LogBody<B> {
    pub(super) fn new(inner: B, line: Option<Line>) -> Self {
        Self { inner: Some(inner), line }
    }
}

impl<B: Body> Default for LogBody<B> {
    fn default() -> Self {
        Self { inner: None, line: None }
    }
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
        Poll::Ready(match ready!(inner.poll_frame(cx)) {
            Some(Ok(frame)) => {
                if let (Some(line), Some(data)) = (this.line.as_mut(), frame.data_ref()) {
                    line.count(data.remaining());
                } else if frame.is_trailers()
                    && let Some(line) = this.line.take()
                {
                    // Trailers are the last frame, and the server may not poll again after them.
                    line.complete();
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => {
                let error = error.into();
                if let Some(line) = this.line.take() {
                    line.broken(&*error);
                }
                Some(Err(error))
            }
            None => {
                if let Some(line) = this.line.take() {
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
