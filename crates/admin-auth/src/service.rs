use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use crate::body::AdminAuthBody;
use crate::future::ResponseFuture;
use crate::gate::{Gate, Now};

/// A service behind the admin gate, made by [`AdminAuthLayer`](crate::AdminAuthLayer).
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

    /// Always ready: the inner service is asked in the future, once the request is let through.
    ///
    /// Readiness may reserve something of the inner service (a permit, a connection), and that is not for strangers.
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
