//! Changes the trailers of a message.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::http::HeaderValue;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::super::changes::Changes;

pin_project! {
    /// A body whose trailers are changed, if it has any.
    #[derive(Debug)]
    pub struct ChangedTrailers<B> {
        #[pin]
        inner: B,
        changes: Arc<Changes>,
        // The values that vary, until the trailers are there.
        varying: Vec<HeaderValue>,
    }
}

impl<B> ChangedTrailers<B> {
    pub(super) fn new(inner: B, changes: Arc<Changes>, varying: Vec<HeaderValue>) -> Self {
        Self { inner, changes, varying }
    }
}

impl<B: Body> Body for ChangedTrailers<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let Some(frame) = ready!(this.inner.poll_frame(cx)?) else { return Poll::Ready(None) };
        let frame = match frame.into_trailers() {
            Ok(mut trailers) => {
                this.changes.apply(&mut trailers, std::mem::take(this.varying));
                Frame::trailers(trailers)
            }
            Err(data) => data,
        };
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
