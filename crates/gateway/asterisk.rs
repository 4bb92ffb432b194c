//! Answers `OPTIONS *`, which asks about the server itself (RFC 9110 §9.3.7). No route takes it, not even `/`.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::header::ALLOW;
use axum::http::{Method, Request, Response, StatusCode};
use tower::Service;

use crate::route::Answering;
use crate::table::Table;

/// Answers `OPTIONS *`, and passes every other request on.
#[derive(Clone, Debug)]
pub(crate) struct Asterisk {
    routed: Table,
    own: Router,
}

impl Asterisk {
    pub(crate) fn before(routed: Table) -> Self {
        let allowed = [(ALLOW, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")];
        Self { routed, own: Router::new().fallback(async move || (StatusCode::NO_CONTENT, allowed)) }
    }
}

impl Service<Request<Body>> for Asterisk {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A table is always ready, and so is a router.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let asks_the_server = request.method() == Method::OPTIONS && request.uri().path() == "*";
        if asks_the_server { Box::pin(self.own.call(request)) } else { self.routed.call(request) }
    }
}
