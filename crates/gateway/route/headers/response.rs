//! Changes the fields of answers.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::http::{Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use super::changes::Changes;
use crate::config::{FieldChanges, When};
use crate::route::template::{Facts, Prepared};

/// Changes the fields of answers: a Tower layer. It changes those of the layers below it too, whoever made them.
///
/// ```
/// use gateway::config::{FieldChanges, RouteTemplate, When};
/// use gateway::route::ResponseHeadersLayer;
/// use http::HeaderName;
///
/// let deny = RouteTemplate::compile("DENY", &[])?;
/// let changes = FieldChanges {
///     set: vec![(HeaderName::from_static("x-frame-options"), deny)],
///     remove: vec![HeaderName::from_static("server")],
///     ..FieldChanges::default()
/// };
/// let layer = ResponseHeadersLayer::new(&changes, When::Success);
/// # let _: ResponseHeadersLayer = layer;
/// # Ok::<(), gateway::config::TemplateError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ResponseHeadersLayer {
    changes: Arc<Changes>,
    when: When,
}

impl ResponseHeadersLayer {
    /// Makes these changes of such answers.
    pub fn new(changes: &FieldChanges, when: When) -> Self {
        Self { changes: Arc::new(Changes::of(changes)), when }
    }
}

impl<S> Layer<S> for ResponseHeadersLayer {
    type Service = ChangedResponses<S>;

    fn layer(&self, inner: S) -> ChangedResponses<S> {
        ChangedResponses { inner, layer: self.clone() }
    }
}

/// The service of a [`ResponseHeadersLayer`].
#[derive(Clone, Debug)]
pub struct ChangedResponses<S> {
    inner: S,
    layer: ResponseHeadersLayer,
}

impl<S, A, B> Service<Request<A>> for ChangedResponses<S>
where
    S: Service<Request<A>, Response = Response<B>>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = ResponseHeadersFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let facts = Facts::of(&request);
        let varying = self.layer.changes.varying().map(|template| Prepared::of(template, &facts)).collect();
        ResponseHeadersFuture { inner: self.inner.call(request), varying, layer: self.layer.clone() }
    }
}

pin_project! {
    /// The future of [`ChangedResponses`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseHeadersFuture<F> {
        #[pin]
        inner: F,
        varying: Vec<Prepared>,
        layer: ResponseHeadersLayer,
    }
}

impl<F, B, E> Future for ResponseHeadersFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        let changes = &*this.layer.changes;
        if is_meant(this.layer.when, response.status()) {
            let varying = changes.varying().zip(&*this.varying);
            let varying: Vec<_> =
                varying.map(|(template, prepared)| prepared.header_value(template, &response)).collect();
            changes.apply(response.headers_mut(), varying);
        }
        Poll::Ready(Ok(response))
    }
}

fn is_meant(when: When, status: StatusCode) -> bool {
    let is_error = status.is_client_error() || status.is_server_error();
    match when {
        When::Always => true,
        When::Success => !is_error,
        When::Error => is_error,
    }
}
