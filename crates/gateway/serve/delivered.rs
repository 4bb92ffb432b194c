//! If a response's body fails, everything before the error still reaches the client.
//!
//! When a body fails, hyper's HTTP/1 server ends the connection at once, and drops what is still in its buffer. That may
//! be the whole response, even its head. A client whose kept-alive connection ends without a byte sends its
//! request again, even a POST. So the error of a body is held back here until everything before it was written.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower::BoxError;

use super::activity::Activity;

pin_project! {
    /// A body whose error is held back until everything before it was written. The socket being flushed tells that: hyper
    /// flushes it when the body has no more data for now.
    pub(super) struct Delivered<B> {
        #[pin]
        inner: B,
        activity: Arc<Activity>,
        error: Option<BoxError>,
    }
}

impl<B> Delivered<B> {
    pub(super) fn new(inner: B, activity: Arc<Activity>) -> Self {
        Self { inner, activity, error: None }
    }
}

impl<B> Body for Delivered<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, BoxError>>> {
        let this = self.project();
        if this.error.is_none() {
            match ready!(this.inner.poll_frame(cx)) {
                Some(Ok(frame)) => return Poll::Ready(Some(Ok(frame))),
                Some(Err(error)) => *this.error = Some(error.into()),
                None => return Poll::Ready(None),
            }
            this.activity.flush.begin_to_await();
        }
        // When the socket is flushed, the connection's task is woken and polls this again.
        if !this.activity.flush.is_done() {
            return Poll::Pending;
        }
        Poll::Ready(this.error.take().map(Err))
    }

    fn is_end_stream(&self) -> bool {
        self.error.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<B> fmt::Debug for Delivered<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivered").finish_non_exhaustive()
    }
}
