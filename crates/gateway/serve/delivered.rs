//! If a response's body fails, everything before the error still reaches the client.
//!
//! When a body fails, hyper's HTTP/1 server ends the connection at once, and drops what is still in its buffer. Its
//! HTTP/2 server resets the stream, and then the `h2` crate drops the frames of the stream that aren't written yet.
//! That may be the whole response, even its head. A client whose kept-alive connection ends without a byte sends its
//! request again, even a POST. So the error of a body is held back here until everything before it was written.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::sync::oneshot;
use tokio::time::{Sleep, sleep};
use tower::BoxError;

use super::activity::Activity;
use super::piece::Piece;

/// How to find out that everything was written.
#[derive(Clone, Debug)]
pub(super) enum Delivery {
    /// By the socket being flushed. hyper flushes it when the body has no more data for now.
    Http1(Arc<Activity>),
    /// By an empty frame, the mark, that is sent last. `patience` is how long to wait for it, since the client may not
    /// read what comes before it.
    Http2 { patience: Duration },
}

pin_project! {
    /// A body whose error is held back until everything before it was written.
    pub(super) struct Delivered<B>
    where
        B: Body,
    {
        #[pin]
        inner: B,
        delivery: Delivery,
        broken: Option<Box<Broken>>,
    }
}

impl<B: Body> Delivered<B> {
    pub(super) fn new(inner: B, delivery: Delivery) -> Self {
        Self { inner, delivery, broken: None }
    }
}

struct Broken {
    error: Option<BoxError>,
    awaited: Awaited,
}

enum Awaited {
    Flush(Arc<Activity>),
    Mark { gone: oneshot::Receiver<Infallible>, patience: Pin<Box<Sleep>> },
}

impl Awaited {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            // When the socket is flushed, the connection's task is woken and polls this again.
            Self::Flush(activity) if activity.flush.is_done() => Poll::Ready(()),
            Self::Flush(_) => Poll::Pending,
            Self::Mark { gone, patience } => match Pin::new(gone).poll(cx) {
                Poll::Ready(_) => Poll::Ready(()),
                Poll::Pending => patience.as_mut().poll(cx),
            },
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
        if this.broken.is_none() {
            let error = match ready!(this.inner.poll_frame(cx)) {
                Some(Ok(frame)) => return Poll::Ready(Some(Ok(frame.map_data(Piece::Data)))),
                Some(Err(error)) => error.into(),
                None => return Poll::Ready(None),
            };
            match this.delivery {
                Delivery::Http1(activity) => {
                    activity.flush.begin_to_await();
                    let awaited = Awaited::Flush(Arc::clone(activity));
                    *this.broken = Some(Box::new(Broken { error: Some(error), awaited }));
                }
                Delivery::Http2 { patience } => {
                    let (mark, gone) = Piece::mark();
                    let awaited = Awaited::Mark { gone, patience: Box::pin(sleep(*patience)) };
                    *this.broken = Some(Box::new(Broken { error: Some(error), awaited }));
                    return Poll::Ready(Some(Ok(Frame::data(mark))));
                }
            }
        }
        let Some(broken) = this.broken else { return Poll::Ready(None) };
        ready!(broken.awaited.poll(cx));
        Poll::Ready(broken.error.take().map(Err))
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
        f.debug_struct("Delivered").field("delivery", &self.delivery).finish_non_exhaustive()
    }
}
