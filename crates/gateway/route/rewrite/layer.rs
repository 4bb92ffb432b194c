//! `RewriteLayer`: a route's rewrites as a Tower layer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::BoxError;
use axum::http::Request;
use pin_project_lite::pin_project;
use proxy_service::{ProxyError, RouteOptions};
use tower::{Layer, Service};

use super::rules::Rules;
use crate::config::Rewrite;

/// Rewrites the targets of requests: a Tower layer. The bytes that aren't rewritten stay what they were.
///
/// It begins with the target of the extension [`Original`](crate::route::Original), if the request has one, and else
/// with its own. It tells the proxy behind it in the extension [`RouteOptions`] what it has taken off and put before.
///
/// The service fails with a [`ProxyError`] (400) for a request of which the template makes a path that may not be
/// forwarded, such as one with dot segments. [`CatchErrorLayer`](proxy_service::CatchErrorLayer) answers that.
///
/// ```
/// use gateway::config::{PathRewrite, Rewrite, RouteTemplate};
/// use gateway::route::RewriteLayer;
/// use proxy_service::RouteOptions;
///
/// let path = RouteTemplate::compile("/v2{path}", &[])?;
/// let rewrite = Rewrite { path: PathRewrite::Template { path, query: None }, ..Rewrite::default() };
/// let layer = RewriteLayer::new(&rewrite, "/", RouteOptions::new());
/// # let _: RewriteLayer = layer;
/// # Ok::<(), gateway::config::TemplateError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RewriteLayer {
    rules: Arc<Rules>,
}

impl RewriteLayer {
    /// Rewrites so. `matched` is the prefix that [`Strip::Matched`](crate::config::Strip::Matched) takes off; `/` is
    /// none. `options` are what the proxy is told besides.
    pub fn new(rewrite: &Rewrite, matched: &str, options: RouteOptions) -> Self {
        Self { rules: Arc::new(Rules::of(rewrite, matched, options)) }
    }
}

impl<S> Layer<S> for RewriteLayer {
    type Service = Rewritten<S>;

    fn layer(&self, inner: S) -> Rewritten<S> {
        Rewritten { inner, layer: self.clone() }
    }
}

/// The service of a [`RewriteLayer`].
#[derive(Clone, Debug)]
pub struct Rewritten<S> {
    inner: S,
    layer: RewriteLayer,
}

impl<S, B> Service<Request<B>> for Rewritten<S>
where
    S: Service<Request<B>>,
    S::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = RewriteFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        match self.layer.rules.apply(&mut request) {
            Ok(()) => RewriteFuture { inner: Some(self.inner.call(request)), refused: None },
            Err(refused) => RewriteFuture { inner: None, refused: Some(refused) },
        }
    }
}

pin_project! {
    /// The future of [`Rewritten`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct RewriteFuture<F> {
        #[pin]
        inner: Option<F>,
        refused: Option<ProxyError>,
    }
}

impl<F, R, E> Future for RewriteFuture<F>
where
    F: Future<Output = Result<R, E>>,
    E: Into<BoxError>,
{
    type Output = Result<R, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match (this.inner.as_pin_mut(), this.refused.take()) {
            (Some(inner), _) => inner.poll(cx).map_err(Into::into),
            (None, Some(refused)) => Poll::Ready(Err(refused.into())),
            // It was polled after it had refused the request.
            (None, None) => Poll::Pending,
        }
    }
}
