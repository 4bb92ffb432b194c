//! Changes the trailers that messages have, both ways.

mod body;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::http::{HeaderValue, Request, Response};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

pub use self::body::ChangedTrailers;
use super::changes::Changes;
use crate::config::FieldChanges;
use crate::route::template::{Facts, header_value};

/// Changes the trailers that messages have, both ways: a Tower layer. A message without trailers gets none, since it
/// may have to be sent as one that can't have them. All values are known when the request comes.
///
/// Both bodies change their types, so it goes around a service that takes requests of any body:
///
/// ```
/// use axum::body::Body;
/// use axum::http::{HeaderName, Request};
/// use gateway::config::FieldChanges;
/// use gateway::route::TrailersLayer;
/// use proxy_service::{CatchErrorLayer, ProxyService, Target, client};
/// use tower::ServiceBuilder;
///
/// let target: Target = "http://127.0.0.1:9001".parse()?;
/// let remove = vec![HeaderName::from_static("x-internal")];
/// let changes = FieldChanges { remove, ..FieldChanges::default() };
/// let api = ServiceBuilder::new()
///     .layer(TrailersLayer::new(&FieldChanges::default(), &changes))
///     .layer(CatchErrorLayer::new())
///     .service(ProxyService::new(target, client()));
/// let app: axum::Router = axum::Router::new().nest_service("/api", api);
/// # Ok::<(), proxy_service::InvalidTarget>(())
/// ```
#[derive(Clone, Debug)]
pub struct TrailersLayer {
    request: Arc<Changes>,
    response: Arc<Changes>,
}

impl TrailersLayer {
    /// Makes these changes of requests and answers.
    pub fn new(request: &FieldChanges, response: &FieldChanges) -> Self {
        Self { request: Arc::new(Changes::of_requests(request)), response: Arc::new(Changes::of(response)) }
    }
}

impl<S> Layer<S> for TrailersLayer {
    type Service = WithChangedTrailers<S>;

    fn layer(&self, inner: S) -> WithChangedTrailers<S> {
        WithChangedTrailers { inner, layer: self.clone() }
    }
}

/// The service of a [`TrailersLayer`].
#[derive(Clone, Debug)]
pub struct WithChangedTrailers<S> {
    inner: S,
    layer: TrailersLayer,
}

impl<S, A, B> Service<Request<A>> for WithChangedTrailers<S>
where
    S: Service<Request<ChangedTrailers<A>>, Response = Response<B>>,
{
    type Response = Response<ChangedTrailers<B>>;
    type Error = S::Error;
    type Future = TrailersFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let TrailersLayer { request: of_request, response: of_response } = &self.layer;
        let values = |changes: &Changes| -> Vec<HeaderValue> {
            let facts = Facts::of(&request);
            changes.varying().map(|template| header_value(template, &facts)).collect()
        };
        let (values, varying) = (values(of_request), values(of_response));
        let request = request.map(|body| ChangedTrailers::new(body, Arc::clone(of_request), values));
        TrailersFuture { changes: Arc::clone(of_response), varying, inner: self.inner.call(request) }
    }
}

pin_project! {
    /// The future of [`WithChangedTrailers`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct TrailersFuture<F> {
        #[pin]
        inner: F,
        changes: Arc<Changes>,
        varying: Vec<HeaderValue>,
    }
}

impl<F, B, E> Future for TrailersFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<ChangedTrailers<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx))?;
        let varying = std::mem::take(this.varying);
        Poll::Ready(Ok(response.map(|body| ChangedTrailers::new(body, Arc::clone(this.changes), varying))))
    }
}
