//! `RequestBody`: a request's body as the app gets it.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::http1::BodyLength;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tower::BoxError;

use super::{http1, http2};

/// The body of a request that [`serve`](super::serve) passes to its service.
///
/// If it is dropped before its end, an HTTP/1 connection may have to be closed after the response. Over HTTP/2, the
/// listener reads and discards the rest for a while.
#[derive(Debug)]
pub struct RequestBody(Source);

#[derive(Debug)]
enum Source {
    Http1(http1::Upload),
    Http2(http2::Upload),
}

impl RequestBody {
    /// A body of HTTP/1 of which all is there.
    pub(crate) fn received(content: Bytes, length: BodyLength) -> Self {
        Self(Source::Http1(http1::Upload::received(content, length)))
    }

    #[cfg(test)]
    pub(crate) fn empty() -> Self {
        Self(Source::Http1(http1::Upload::Empty))
    }
}

impl From<http1::Upload> for RequestBody {
    fn from(upload: http1::Upload) -> Self {
        Self(Source::Http1(upload))
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
        match &mut self.0 {
            Source::Http1(upload) => Pin::new(upload).poll_frame(cx).map_err(RequestBodyError::new),
            Source::Http2(upload) => Pin::new(upload).poll_frame(cx).map_err(RequestBodyError::new),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Source::Http1(upload) => upload.is_end_stream(),
            Source::Http2(upload) => upload.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Source::Http1(upload) => upload.size_hint(),
            Source::Http2(upload) => upload.size_hint(),
        }
    }
}

/// Why a request's body was cut off: the client broke off, or what it sent isn't a body. Its source says more.
#[derive(Debug)]
pub struct RequestBodyError(BoxError);

impl RequestBodyError {
    fn new(source: impl Into<BoxError>) -> Self {
        Self(source.into())
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
