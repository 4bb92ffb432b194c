//! A route that everybody may enter, and on which administrators may ask.

use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::http::Request;
use tower::Service;
use tower::util::Either;

use crate::pick::X_GATEWAY_PICK;

/// Sends requests that ask by `x-gateway-pick` through the gate, and all others past it.
#[derive(Clone, Debug)]
pub(crate) struct Diagnosed<O, G> {
    pub(crate) open: O,
    pub(crate) gated: G,
}

impl<O, G> Service<Request<Body>> for Diagnosed<O, G>
where
    O: Service<Request<Body>>,
    G: Service<Request<Body>, Response = O::Response, Error = O::Error>,
{
    type Response = O::Response;
    type Error = O::Error;
    type Future = <Either<O, G> as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), O::Error>> {
        ready!(self.open.poll_ready(cx))?;
        self.gated.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if request.headers().contains_key(&X_GATEWAY_PICK) {
            Either::<&mut O, &mut G>::Right(&mut self.gated).call(request)
        } else {
            Either::<&mut O, &mut G>::Left(&mut self.open).call(request)
        }
    }
}
