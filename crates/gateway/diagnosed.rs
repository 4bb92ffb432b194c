//! A route that everybody may enter, and on which administrators may ask.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::Request;
use tower::util::{Either, Oneshot};
use tower::{Service, ServiceExt};

use crate::pick::X_GATEWAY_PICK;

/// Sends requests that ask by `x-gateway-pick` through the gate, and all others past it.
#[derive(Clone, Debug)]
pub(crate) struct Diagnosed<O, G> {
    open: O,
    gated: Seldom<G>,
}

impl<O, G> Diagnosed<O, G> {
    pub(crate) fn new(open: O, gated: G) -> Self {
        Self { open, gated: Seldom(Arc::new(gated)) }
    }
}

impl<O, G> Service<Request<Body>> for Diagnosed<O, G>
where
    O: Service<Request<Body>>,
    G: Service<Request<Body>, Response = O::Response, Error = O::Error> + Clone,
{
    type Response = O::Response;
    type Error = O::Error;
    type Future = <Either<O, Seldom<G>> as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), O::Error>> {
        self.open.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if request.headers().contains_key(&X_GATEWAY_PICK) {
            Either::<&mut O, &mut Seldom<G>>::Right(&mut self.gated).call(request)
        } else {
            Either::<&mut O, &mut Seldom<G>>::Left(&mut self.open).call(request)
        }
    }
}

/// A service that few requests need: it is cloned for those, not with every clone of what holds it.
#[derive(Debug)]
pub(crate) struct Seldom<S>(Arc<S>);

impl<S> Service<Request<Body>> for Seldom<S>
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

impl<S> Clone for Seldom<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
