//! `RequestBody`: a request's body as the app gets it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::activity::Activity;
use super::{Linger, leftover};

/// The body of a request that [`serve`](super::serve) passes to its service. It is hyper's [`Incoming`], and tells the
/// listener when it was read to its end.
///
/// If it is dropped before its end, an HTTP/1 connection may have to be closed after the response. Over HTTP/2, the
/// listener reads and discards the rest for a while.
#[derive(Debug)]
pub struct RequestBody {
    /// `None` only while this is dropped.
    inner: Option<Incoming>,
    unread: Option<Unread>,
}

/// What to do about a body that isn't read to its end yet.
#[derive(Debug)]
pub(super) enum Unread {
    /// Tell this connection's `Activity` when it is read.
    Http1 {
        activity: Arc<Activity>,
        /// The request's number on its connection, from 1.
        request: u64,
    },
    /// Read the rest within these limits when it is dropped.
    Http2(Linger),
}

impl Unread {
    /// For the last request that was received on an HTTP/1 connection.
    pub(super) fn of_last_request(activity: Arc<Activity>) -> Self {
        let request = activity.requests.count();
        Self::Http1 { activity, request }
    }
}

impl RequestBody {
    pub(super) fn new(inner: Incoming, unread: Option<Unread>) -> Self {
        Self { inner: Some(inner), unread }
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if let (Some(Unread::Http2(limits)), Some(inner)) = (self.unread.take(), self.inner.take()) {
            leftover::discard(inner, limits);
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(&mut *inner).poll_frame(cx));
        let is_last = match &frame {
            Some(Ok(frame)) => frame.is_trailers() || inner.is_end_stream(),
            Some(Err(_)) => false,
            None => true,
        };
        if is_last && let Some(Unread::Http1 { activity, request }) = self.unread.take() {
            activity.requests.body_read(request);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
