//! Changes the fields of requests.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::Request;
use tower::{Layer, Service};

use super::changes::Changes;
use super::nominated::protect;
use crate::config::FieldChanges;
use crate::route::template::{Facts, header_value};

/// Changes the fields of requests: a Tower layer.
///
/// - Values are made of the request as it came to the layer.
/// - A field that is set or removed goes in other spellings too ([`reads_alike`](proxy_service::reads_alike)).
/// - A client can't have a field removed that the layer gives, by naming it in `Connection`.
///
/// ```
/// use gateway::config::{FieldChanges, RouteTemplate};
/// use gateway::route::RequestHeadersLayer;
/// use http::HeaderName;
///
/// let value = RouteTemplate::compile("{client_ip}", &[])?;
/// let changes = FieldChanges {
///     set: vec![(HeaderName::from_static("x-client"), value)],
///     remove: vec![HeaderName::from_static("x-internal")],
///     ..FieldChanges::default()
/// };
/// let layer = RequestHeadersLayer::new(&changes);
/// # let _: RequestHeadersLayer = layer;
/// # Ok::<(), gateway::config::TemplateError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RequestHeadersLayer {
    changes: Arc<Changes>,
}

impl RequestHeadersLayer {
    /// Makes these changes.
    pub fn new(changes: &FieldChanges) -> Self {
        Self { changes: Arc::new(Changes::of_requests(changes)) }
    }

    pub(crate) fn apply<B>(&self, request: &mut Request<B>) {
        let changes = &*self.changes;
        let facts = Facts::of(request);
        let varying: Vec<_> = changes.varying().map(|template| header_value(template, &facts)).collect();
        let headers = request.headers_mut();
        protect(headers, changes.given());
        changes.apply(headers, varying);
    }
}

impl<S> Layer<S> for RequestHeadersLayer {
    type Service = ChangedRequests<S>;

    fn layer(&self, inner: S) -> ChangedRequests<S> {
        ChangedRequests { inner, layer: self.clone() }
    }
}

/// The service of a [`RequestHeadersLayer`].
#[derive(Clone, Debug)]
pub struct ChangedRequests<S> {
    inner: S,
    layer: RequestHeadersLayer,
}

impl<S, B> Service<Request<B>> for ChangedRequests<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        self.layer.apply(&mut request);
        self.inner.call(request)
    }
}
