use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use crate::body::AdminAuthBody;
use crate::future::ResponseFuture;
use crate::gate::{Gate, Now};

/// A service that only requests with an admin token reach. Made by [`AdminAuthLayer`](crate::AdminAuthLayer).
#[derive(Clone, Debug)]
pub struct AdminAuth<S> {
    inner: S,
    gate: Arc<Gate>,
}

impl<S> AdminAuth<S> {
    pub(crate) fn new(inner: S, gate: Arc<Gate>) -> Self {
        Self { inner, gate }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for AdminAuth<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
{
    type Response = Response<AdminAuthBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, ReqBody>;

    /// This is always ready. The future asks the inner service for readiness once the request is let through.
    ///
    /// Readiness may reserve a part of the inner service, such as a permit or a connection. Refused requests must
    /// not do that.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        match self.gate.admit(&mut request, Now::read()) {
            Ok(()) => ResponseFuture::accepted(self.inner.clone(), request),
            Err(rejection) => ResponseFuture::refused(rejection),
        }
    }
}
