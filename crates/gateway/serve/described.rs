//! The `Content-Length` of a 304, which says how long the body is that isn't sent (RFC 9110 section 8.6).
//!
//! hyper's HTTP/1 server writes it only if the response has a body of that length, and never sends one with a 304;
//! beside an empty body it is dropped, with a warning in the log.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::CONTENT_LENGTH;
use http::{Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// A body that claims the length which the head of a 304 describes.
    #[derive(Debug)]
    pub(super) struct Described<B> {
        #[pin]
        inner: B,
        length: Option<u64>,
    }
}

impl<B: Body> Described<B> {
    /// A body that claims this length, if any.
    pub(super) fn new(inner: B, length: Option<u64>) -> Self {
        Self { inner, length }
    }
}

/// What the body of an answer over HTTP/1 is to claim.
pub(super) fn length<B: Body>(response: &Response<B>) -> Option<u64> {
    if response.status() != StatusCode::NOT_MODIFIED || !response.body().is_end_stream() {
        return None;
    }
    response.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl<B: Body> Body for Described<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.length.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(|| self.inner.size_hint(), SizeHint::with_exact)
    }
}
