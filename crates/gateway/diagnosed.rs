//! A route without a gate, on which requests with `x-gateway-pick` need a token.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::Request;
use tower::util::{Either, Oneshot};
use tower::{Service, ServiceExt};

use crate::pick::X_GATEWAY_PICK;

/// Sends requests with `x-gateway-pick` to the service behind a gate, and all others to the open one.
#[derive(Clone, Debug)]
pub(crate) struct Diagnosed<O, G> {
    open: O,
    gated: ClonedOnCall<G>,
}

impl<O, G> Diagnosed<O, G> {
    pub(crate) fn new(open: O, gated: G) -> Self {
        Self { open, gated: ClonedOnCall(Arc::new(gated)) }
    }
}

impl<O, G> Service<Request<Body>> for Diagnosed<O, G>
where
    O: Service<Request<Body>>,
    G: Service<Request<Body>, Response = O::Response, Error = O::Error> + Clone,
{
    type Response = O::Response;
    type Error = O::Error;
    type Future = <Either<O, ClonedOnCall<G>> as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), O::Error>> {
        self.open.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // A walk costs less than a look-up, which hashes the name.
        if request.headers().keys().any(|name| *name == X_GATEWAY_PICK) {
            Either::<&mut O, &mut ClonedOnCall<G>>::Right(&mut self.gated).call(request)
        } else {
            Either::<&mut O, &mut ClonedOnCall<G>>::Left(&mut self.open).call(request)
        }
    }
}

/// A shared service that is cloned only when it is called. [`Diagnosed`] is cloned for each request, but few requests
/// need the service behind the gate.
#[derive(Debug)]
pub(crate) struct ClonedOnCall<S>(Arc<S>);

impl<S> Service<Request<Body>> for ClonedOnCall<S>
where
    S: Service<Request<Body>> + Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Oneshot<S, Request<Body>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        S::clone(&self.0).oneshot(request)
    }
}

impl<S> Clone for ClonedOnCall<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
