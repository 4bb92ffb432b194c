//! `RequestBody`: a request's body as the app gets it.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tower::BoxError;

use super::activity::Activity;
use super::http2;

/// The body of a request that [`serve`](super::serve) passes to its service.
///
/// If it is dropped before its end, an HTTP/1 connection may have to be closed after the response. Over HTTP/2, the
/// listener reads and discards the rest for a while.
#[derive(Debug)]
pub struct RequestBody(Source);

#[derive(Debug)]
enum Source {
    Http1 { inner: Incoming, unread: Option<Unread> },
    Http2(http2::Upload),
}

/// A body of an HTTP/1 request that isn't read to its end yet. The connection's `Activity` is told when it is.
#[derive(Debug)]
pub(super) struct Unread {
    activity: Arc<Activity>,
    /// The request's number on its connection, from 1.
    request: u64,
}

impl Unread {
    /// For the last request that was received.
    pub(super) fn of_last_request(activity: Arc<Activity>) -> Self {
        let request = activity.requests.count();
        Self { activity, request }
    }
}

impl RequestBody {
    pub(super) fn http1(inner: Incoming, unread: Option<Unread>) -> Self {
        Self(Source::Http1 { inner, unread })
    }
}

impl From<http2::Upload> for RequestBody {
    fn from(upload: http2::Upload) -> Self {
        Self(Source::Http2(upload))
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = RequestBodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RequestBodyError>>> {
        let frame = match &mut self.0 {
            Source::Http1 { inner, unread } => {
                let frame = ready!(Pin::new(&mut *inner).poll_frame(cx));
                let is_last = match &frame {
                    Some(Ok(frame)) => frame.is_trailers() || inner.is_end_stream(),
                    Some(Err(_)) => false,
                    None => true,
                };
                if is_last && let Some(Unread { activity, request }) = unread.take() {
                    activity.requests.body_read(request);
                }
                frame.map(|frame| frame.map_err(RequestBodyError::from))
            }
            Source::Http2(upload) => {
                ready!(Pin::new(upload).poll_frame(cx)).map(|frame| frame.map_err(RequestBodyError::from))
            }
        };
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Source::Http1 { inner, .. } => inner.is_end_stream(),
            Source::Http2(upload) => upload.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Source::Http1 { inner, .. } => inner.size_hint(),
            Source::Http2(upload) => upload.size_hint(),
        }
    }
}

/// Why a request's body was cut off: the client broke off, or what it sent isn't a body. Its source says more.
#[derive(Debug)]
pub struct RequestBodyError(BoxError);

impl From<hyper::Error> for RequestBodyError {
    fn from(error: hyper::Error) -> Self {
        Self(error.into())
    }
}

impl From<h2::Error> for RequestBodyError {
    fn from(error: h2::Error) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for RequestBodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request's body was cut off")
    }
}

impl Error for RequestBodyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
