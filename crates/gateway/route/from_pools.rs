//! What a route does with the answers of its pools: they are logged, and end with the route.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::Body;
use axum::http::{Request, Response};
use bytes::Bytes;
use pin_project_lite::pin_project;
use tower::Service;

use crate::pick::Names;
use crate::stay::Stay;

/// Logs why an answer's upstream was picked, and makes its body end with the route's stay.
#[derive(Clone, Debug)]
pub(super) struct FromPools<S> {
    inner: S,
    route: Arc<OfRoute>,
}

#[derive(Debug)]
struct OfRoute {
    names: Names,
    stay: Stay,
}

impl<S> FromPools<S> {
    pub(super) fn new(inner: S, names: Names, stay: Stay) -> Self {
        Self { inner, route: Arc::new(OfRoute { names, stay }) }
    }
}

impl<S, B> Service<Request<Body>> for FromPools<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = FromPoolsFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        FromPoolsFuture { inner: self.inner.call(request), route: Arc::clone(&self.route) }
    }
}

pin_project! {
    pub(super) struct FromPoolsFuture<F> {
        #[pin]
        inner: F,
        route: Arc<OfRoute>,
    }
}

impl<F, B, E> Future for FromPoolsFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx))?;
        this.route.names.log(&response);
        Poll::Ready(Ok(response.map(|body| Body::new(this.route.stay.body(body)))))
    }
}
