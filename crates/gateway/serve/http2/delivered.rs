//! If a response's body fails, everything before the error still reaches the client.
//!
//! When a body fails, hyper resets the stream, and then the `h2` crate drops the frames of the stream that aren't
//! written yet. That may be the whole response, even its head. A client may then send its request again, even a POST.
//! So the error of a body is held back here until everything before it was written.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::sync::oneshot;
use tokio::time::{Sleep, sleep};
use tower::BoxError;

use super::piece::Piece;

pin_project! {
    /// A body whose error is held back until everything before it was written. An empty frame, the mark, is sent last
    /// and tells that.
    pub(super) struct Delivered<B>
    where
        B: Body,
    {
        #[pin]
        inner: B,
        patience: Duration,
        broken: Option<Box<Broken>>,
    }
}

impl<B: Body> Delivered<B> {
    /// `patience` is how long to wait for the mark, since the client may not read what comes before it.
    pub(super) fn new(inner: B, patience: Duration) -> Self {
        Self { inner, patience, broken: None }
    }
}

struct Broken {
    error: Option<BoxError>,
    mark_gone: oneshot::Receiver<Infallible>,
    patience: Pin<Box<Sleep>>,
}

impl Broken {
    fn poll_delivered(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match Pin::new(&mut self.mark_gone).poll(cx) {
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending => self.patience.as_mut().poll(cx),
        }
    }
}

impl<B> Body for Delivered<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = Piece<B::Data>;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, BoxError>>> {
        let this = self.project();
        if let Some(broken) = this.broken {
            ready!(broken.poll_delivered(cx));
            return Poll::Ready(broken.error.take().map(Err));
        }
        Poll::Ready(match ready!(this.inner.poll_frame(cx)) {
            Some(Ok(frame)) => Some(Ok(frame.map_data(Piece::Data))),
            Some(Err(error)) => {
                let (mark, mark_gone) = Piece::mark();
                let patience = Box::pin(sleep(*this.patience));
                *this.broken = Some(Box::new(Broken { error: Some(error.into()), mark_gone, patience }));
                Some(Ok(Frame::data(mark)))
            }
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.broken.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<B: Body> fmt::Debug for Delivered<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivered").field("patience", &self.patience).finish_non_exhaustive()
    }
}
