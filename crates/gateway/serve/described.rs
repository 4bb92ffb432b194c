//! The `Content-Length` of a 304, which is the length of the body that isn't sent (RFC 9110 section 8.6).
//!
//! hyper's HTTP/1 server writes this field only if the response's body has the same length, and never sends the body of
//! a 304. With an empty body, it drops the field and logs a warning. So the body claims the length that the field has.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::CONTENT_LENGTH;
use http::{Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// A body that claims the length in the head of a 304.
    #[derive(Debug)]
    pub(super) struct Described<B> {
        #[pin]
        inner: B,
        length: Option<u64>,
    }
}

impl<B: Body> Described<B> {
    /// Makes a body that claims this length, if there is one.
    pub(super) fn new(inner: B, length: Option<u64>) -> Self {
        Self { inner, length }
    }
}

/// The length that the body of an HTTP/1 response has to claim, if it is a 304 with `Content-Length`.
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
