//! The outer stack, in the order in which a request walks through it.

use std::any::Any;
use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use axum::{BoxError, Router};
use bytes::Bytes;
use proxy_service::{CatchErrorBody, CatchErrorLayer, Upstream};
use tower::{Service, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::access_log::AccessLogLayer;
use crate::admission;
use crate::asterisk::Asterisk;
use crate::bodiless::BodilessHeadLayer;
use crate::config::Config;
use crate::request_id::{self, MakeUuidV7, X_REQUEST_ID};

/// Where the gate looks for its token.
pub(crate) static X_ADMIN_TOKEN: HeaderName = HeaderName::from_static("x-admin-token");
static PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");

/// Wraps the router: request id, trace, access log, HEAD, panics, timeout, admission.
pub(crate) fn stack(
    router: Router,
    config: &Config,
) -> impl Service<
    Request<Body>,
    Response = Response<impl http_body::Body<Data = Bytes, Error: Into<BoxError>> + Default + Send + 'static>,
    Error = Infallible,
    Future: Send,
> + Clone
+ Send
+ Sync
+ 'static {
    let gated: Arc<[String]> = config.gated_prefixes().map(str::to_owned).collect();
    ServiceBuilder::new()
        .layer(SetSensitiveRequestHeadersLayer::new([AUTHORIZATION, COOKIE, X_ADMIN_TOKEN.clone()]))
        .map_request(request_id::drop_unusable)
        .layer(SetRequestIdLayer::new(X_REQUEST_ID.clone(), MakeUuidV7))
        .layer(AccessLogLayer)
        .layer(TraceLayer::new_for_http().make_span_with(span).on_request(()).on_response(()).on_failure(()))
        .layer(PropagateRequestIdLayer::new(X_REQUEST_ID.clone()))
        .layer(BodilessHeadLayer)
        .layer(CatchPanicLayer::custom(answer_panic))
        .map_response(explain_timeout)
        .option_layer(config.timeouts.request.map(|limit| TimeoutLayer::with_status_code(TIMED_OUT, limit)))
        .layer(CatchErrorLayer::new())
        .filter(move |request: Request<Body>| admission::admit(request, &gated))
        .service(Asterisk::beside(router))
}

fn span(request: &Request<Body>) -> tracing::Span {
    let id = || request.headers().get(&X_REQUEST_ID).and_then(|id| id.to_str().ok());
    tracing::debug_span!(target: "gateway", "request", id = id())
}

/// `CatchPanic` has it in hand; the panic hook has already told the log.
fn answer_panic(_: Box<dyn Any + Send>) -> Response<Body> {
    own_answer(StatusCode::INTERNAL_SERVER_ERROR, "gateway; error=proxy_internal_error")
}

const TIMED_OUT: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

/// `TimeoutLayer` answers with nothing but a status; every other answer has at least a header.
fn explain_timeout(response: Response<EdgeBody>) -> Response<EdgeBody> {
    let is_bare = response.headers().is_empty() && response.extensions().get::<Upstream>().is_none();
    if response.status() == TIMED_OUT && is_bare {
        return own_answer(TIMED_OUT, "gateway; error=http_response_timeout");
    }
    response
}

type EdgeBody = CatchErrorBody<Body>;

fn own_answer<B: From<Bytes>>(status: StatusCode, proxy_status: &'static str) -> Response<B> {
    let reason = status.canonical_reason().unwrap_or("Error");
    let mut response = Response::new(B::from(format!("{reason}\n").into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(&PROXY_STATUS, HeaderValue::from_static(proxy_status));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
