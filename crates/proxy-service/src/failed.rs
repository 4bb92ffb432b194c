//! A failure that may still have the request.

use std::fmt;

use http::Request;

use crate::error::{BoxError, ProxyError};

/// The error of a [`ProxyService`](crate::ProxyService), with the request itself if another upstream may take it.
///
/// It may take the request if one of these is true, and its body is untouched:
///
/// - Not one byte of it was sent, whatever the method.
/// - Its new connection ended before the response, and the method is safe (RFC 9110 §9.2.1).
/// - It was sent a second time, that connection ended before the response too, and the method is idempotent (RFC 9110
///   §9.2.2).
///
/// [`ProxyLayer::pass_on_begun_bodies`](crate::ProxyLayer::pass_on_begun_bodies) adds one more case. A step
/// of a handshake that is bound to a connection is never given back: see [`ClientConnection`](crate::ClientConnection).
///
/// The request is the one that the service was called with, before any change. `Request::try_from` takes it out.
/// Without a request that conversion returns the failure unchanged.
///
/// A request body need not be `Sync`, so this type can't be a [`std::error::Error`]. It is `Into<BoxError>`, as
/// Tower's middleware wants it.
pub struct Failed<R> {
    error: ProxyError,
    request: Option<R>,
}

impl<R> Failed<R> {
    pub(crate) fn new(error: ProxyError, request: Option<R>) -> Self {
        Self { error, request }
    }

    /// What went wrong.
    pub fn error(&self) -> &ProxyError {
        &self.error
    }

    /// The request, if another upstream may take it.
    pub fn request(&self) -> Option<&R> {
        self.request.as_ref()
    }
}

impl<R> From<ProxyError> for Failed<R> {
    fn from(error: ProxyError) -> Self {
        Self::new(error, None)
    }
}

impl<R> From<Failed<R>> for ProxyError {
    fn from(failed: Failed<R>) -> Self {
        failed.error
    }
}

impl<R> From<Failed<R>> for BoxError {
    fn from(failed: Failed<R>) -> Self {
        failed.error.into()
    }
}

impl<B> TryFrom<Failed<Request<B>>> for Request<B> {
    type Error = Failed<Request<B>>;

    fn try_from(failed: Failed<Request<B>>) -> Result<Self, Self::Error> {
        let Failed { error, request } = failed;
        request.ok_or(Failed { error, request: None })
    }
}

impl<R> fmt::Debug for Failed<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failed")
            .field("error", &self.error)
            .field("has_request", &self.request.is_some())
            .finish()
    }
}

impl<R> fmt::Display for Failed<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}
