//! A request's body on its way from hyper into the app.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::activity::Activity;

/// The body of a request that [`serve`](super::serve) hands to its service: hyper's [`Incoming`], and the listener
/// learns when it was read to its end. An HTTP/1 connection can go on after its answer only then.
#[derive(Debug)]
pub struct RequestBody {
    inner: Incoming,
    unread: Option<Unread>,
}

/// That there is something left to be read, in HTTP/1.
#[derive(Debug)]
pub(super) struct Unread {
    activity: Arc<Activity>,
    /// The request's number on its connection, from 1.
    request: u64,
}

impl Unread {
    /// Of the request that was received last on this connection.
    pub(super) fn of_last_request(activity: Arc<Activity>) -> Self {
        let request = activity.requests();
        Self { activity, request }
    }
}

impl RequestBody {
    pub(super) fn new(inner: Incoming, unread: Option<Unread>) -> Self {
        Self { inner, unread }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        let is_last = match &frame {
            Some(Ok(frame)) => frame.is_trailers() || self.inner.is_end_stream(),
            Some(Err(_)) => false,
            None => true,
        };
        if is_last && let Some(Unread { activity, request }) = self.unread.take() {
            activity.body_read(request);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
