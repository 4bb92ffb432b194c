//! The outer layers around the router, in the order in which a request goes through them.

use std::any::Any;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderName, Request, Response};
use axum::{BoxError, Router};
use bytes::Bytes;
use proxy_service::path::Guarded;
use proxy_service::{CatchErrorLayer, ProxyError};
use tower::timeout::TimeoutLayer;
use tower::timeout::error::Elapsed;
use tower::{Service, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::trace::TraceLayer;

use crate::access_log::AccessLogLayer;
use crate::admission;
use crate::asterisk::Asterisk;
use crate::bodiless::BodilessHeadLayer;
use crate::config::Config;
use crate::request_id::{self, MakeUuidV7, X_REQUEST_ID};

/// The header in which the gate looks for its token.
pub(crate) static X_ADMIN_TOKEN: HeaderName = HeaderName::from_static("x-admin-token");

/// The settings of the outer layers.
#[derive(Debug)]
pub(crate) struct Edge {
    guarded: Guarded,
    request_timeout: Option<Duration>,
}

impl Edge {
    pub(crate) fn of(config: &Config) -> Self {
        Self { guarded: config.gated_prefixes().collect(), request_timeout: config.timeouts.request }
    }

    /// Wraps the router: request id, trace, access log, HEAD, errors, panics, timeout, admission.
    pub(crate) fn around(
        self,
        router: Router,
    ) -> impl Service<
        Request<Body>,
        Response = Response<
            impl http_body::Body<Data = Bytes, Error: Into<BoxError>> + Default + Send + 'static,
        >,
        Error = Infallible,
        Future: Send,
    > + Clone
    + Send
    + Sync
    + 'static {
        let guarded = Arc::new(self.guarded);
        ServiceBuilder::new()
            .layer(SetSensitiveRequestHeadersLayer::new([AUTHORIZATION, COOKIE, X_ADMIN_TOKEN.clone()]))
            .map_request(request_id::drop_unusable)
            .layer(SetRequestIdLayer::new(X_REQUEST_ID.clone(), MakeUuidV7))
            .layer(AccessLogLayer)
            .layer(
                TraceLayer::new_for_http().make_span_with(span).on_request(()).on_response(()).on_failure(()),
            )
            .layer(PropagateRequestIdLayer::new(X_REQUEST_ID.clone()))
            .layer(BodilessHeadLayer)
            .layer(CatchErrorLayer::new())
            .map_result(panics_and_timeouts_are_errors)
            .layer(CatchPanicLayer::custom(mark_panic))
            .option_layer(self.request_timeout.map(TimeoutLayer::new))
            .filter(move |request: Request<Body>| admission::admit(request, &guarded))
            .service(Asterisk::beside(router))
    }
}

fn span(request: &Request<Body>) -> tracing::Span {
    let id = || request.headers().get(&X_REQUEST_ID).and_then(|id| id.to_str().ok());
    tracing::debug_span!(target: "gateway", "request", id = id())
}

/// Marks the response that stands for a panic, until it is turned into an error: a response extension.
#[derive(Clone, Copy)]
struct Panicked;

/// Makes the response that stands for a panic. The panic hook has already logged the panic.
fn mark_panic(_: Box<dyn Any + Send>) -> Response<Body> {
    let mut response = Response::default();
    response.extensions_mut().insert(Panicked);
    response
}

/// Turns panics and timeouts into errors, so that they are answered where all errors are.
fn panics_and_timeouts_are_errors<B>(result: Result<Response<B>, BoxError>) -> Result<Response<B>, BoxError> {
    match result {
        Ok(response) if response.extensions().get::<Panicked>().is_some() => {
            Err(ProxyError::internal("a panic").into())
        }
        Err(error) if error.is::<Elapsed>() => Err(ProxyError::deadline_exceeded(error).into()),
        Ok(_) | Err(_) => result,
    }
}
