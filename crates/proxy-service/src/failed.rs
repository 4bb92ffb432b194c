//! A failure that may still hold the request.

use std::fmt;

use http::Request;

use crate::error::{BoxError, ProxyError};

/// A [`ProxyError`], plus the request itself if it may go elsewhere: because not one byte of it was sent, whatever its
/// method; or because a fresh connection died under it before any response, its body is untouched, and it is safe (RFC 9110
/// §9.2.1), or idempotent (§9.2.2) and had met a dead connection in the pool before.
///
/// The request is the one that [`ProxyService`](crate::ProxyService) was called with, before any rewriting, so it can
/// be handed to a service for another upstream. `Request::try_from` takes it out; a failure without a request comes back unchanged as that conversion's error. That is all that a
/// balancer needs to go on elsewhere, and all that the type lets it do.
///
/// Not a [`std::error::Error`] itself (a request body needn't be `Sync`), but `Into<BoxError>`, as Tower's middleware asks.
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

    /// The request, if it may go elsewhere.
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
