//! An answer that breaks off comes as far as it got.
//!
//! hyper's HTTP/1 server ends a connection at the moment its answer's body fails, with what it has buffered by then; its HTTP/2
//! server resets the stream, for which the `h2` crate throws away the stream's frames that are not written yet. Either may be
//! all there is, the head included. A client that sees a kept-alive connection die without a byte sends its request again,
//! POST too. So the error of a body waits here until all that came before it has gone out.

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

/// How it is known that something has gone out.
#[derive(Clone, Debug)]
pub(super) enum Delivery {
    /// The socket was flushed, which hyper does when the body has nothing for it.
    Http1(Arc<Activity>),
    /// A mark behind it has gone out, as an empty frame. The client may leave no room for what comes before it: that is
    /// waited for so long.
    Http2 { patience: Duration },
}

pin_project! {
    /// A body whose error comes when all before it has gone out.
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
            // Looked at when the socket has been flushed, which wakes the connection.
            Self::Flush(activity) if activity.is_flushed() => Poll::Ready(()),
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
                    activity.await_flush();
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
