//! The outer stack, in the order in which a request walks through it.

use std::any::Any;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, RETRY_AFTER};
use axum::http::{Extensions, HeaderName, HeaderValue, Request, Response, StatusCode};
use axum::{BoxError, Router};
use bytes::Bytes;
use hyper::body::Incoming;
use proxy_service::{CatchErrorBody, CatchErrorLayer, Peer, ProxyError, TrustedPeers, Upstream, path};
use tower::{Service, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::access_log::AccessLogLayer;
use crate::config::Config;
use crate::request_id::{self, MakeUuidV7, X_REQUEST_ID};

static X_ADMIN_TOKEN: HeaderName = HeaderName::from_static("x-admin-token");
static PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");

/// Wraps the router: request id, trace, access log, panics, timeout, admission.
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
        .layer(CatchPanicLayer::custom(answer_panic))
        .map_response(explain_timeout)
        .option_layer(config.timeouts.request.map(|limit| TimeoutLayer::with_status_code(TIMED_OUT, limit)))
        .layer(CatchErrorLayer::new())
        .filter(move |request: Request<Body>| admit(request, &gated))
        .service(router)
}

/// What every request must pass before the router sees it, whether it is forwarded or answered here.
///
/// The router matches raw bytes. A path that isn't below a gated prefix as it stands, but would be to someone who decodes
/// it, merges slashes, cuts parameters or ignores case, would be forwarded by a catch-all route and misread upstream.
fn admit(request: Request<Body>, gated: &[String]) -> Result<Request<Body>, BoxError> {
    proxy_service::check(&request)?;
    let path = request.uri().path();
    let walks_around = |prefix: &String| !is_below(path, prefix) && path::could_be_below(path, prefix);
    if !is_plain(path) && gated.iter().any(walks_around) {
        return Err(ProxyError::bad_request("a way around a gate").into());
    }
    Ok(request)
}

/// As the router matches.
fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Nothing in it that anyone could read in another way.
fn is_plain(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/-_.~".contains(&byte);
    path.bytes().all(is_plain) && !path.contains("//")
}

fn span(request: &Request<Body>) -> tracing::Span {
    let id = request.headers().get(&X_REQUEST_ID).and_then(|id| id.to_str().ok());
    tracing::debug_span!(target: "gateway", "request", id)
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

/// The stack for one connection's requests: they carry the peer, and the client that a trusted peer speaks for.
pub(crate) fn for_peer<S>(
    stack: S,
    addr: SocketAddr,
    trusted: TrustedPeers,
) -> impl Service<Request<Incoming>, Response = S::Response, Error = S::Error, Future = S::Future>
+ Clone
+ Send
+ Sync
where
    S: Service<Request<Body>> + Clone + Send + Sync,
{
    let peer = Peer::new(addr);
    ServiceBuilder::new()
        .map_request(move |mut request: Request<Incoming>| {
            if trusted.contains(peer.ip()) {
                let client = ClientIp(trusted.client_ip(peer.ip(), request.headers()));
                request.extensions_mut().insert(client);
            }
            request.extensions_mut().insert(peer.clone());
            request.map(Body::new)
        })
        .service(stack)
}

/// The client that a trusted peer speaks for: a request extension.
#[derive(Clone, Copy, Debug)]
struct ClientIp(IpAddr);

/// Whom the request comes from, as far as anyone trusted says so.
pub(crate) fn client_ip(extensions: &Extensions) -> Option<IpAddr> {
    let named = extensions.get::<ClientIp>().map(|ClientIp(ip)| *ip);
    named.or_else(|| extensions.get::<Peer>().map(Peer::ip))
}
