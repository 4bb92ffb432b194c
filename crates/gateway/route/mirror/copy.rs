//! The copy of a request.

use axum::body::Body;
use axum::http::header::{EXPECT, UPGRADE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use http_body::Body as _;
use proxy_service::{has_connection_bound_credentials, reads_alike};
use tower::Service;

use super::shadow::Shadow;
use super::teed::Teed;
use crate::route::headers::{protect, remove_where};

/// The header of a copy.
static X_GATEWAY_MIRROR: HeaderName = HeaderName::from_static("x-gateway-mirror");

/// Removes the header of a copy, also in other spellings: no client says that its request is one.
pub(super) fn unmarked(headers: &mut HeaderMap) {
    remove_where(headers, |name| reads_alike(name, &X_GATEWAY_MIRROR));
}

/// Whether a request isn't one for a tunnel, or a step of a handshake that is bound to a connection: the second service
/// would take the client's answer to the first one's challenge for a wrong password.
pub(super) fn may_be_copied(request: &Request<Body>) -> bool {
    request.method() != Method::CONNECT
        && !request.headers().contains_key(UPGRADE)
        && !has_connection_bound_credentials(request.headers())
}

/// The same request, whose copy is sent once its body has been read.
pub(super) fn with_copy<T, R>(request: Request<Body>, shadow: Shadow<T>) -> Request<Body>
where
    T: Service<Request<Body>, Response = Response<R>, Error: Send, Future: Send>,
    T: Clone + Send + Sync + 'static,
    R: http_body::Body<Data: Send, Error: Send> + Send + 'static,
{
    let (parts, body) = request.into_parts();
    let mut copy = Request::new(Body::empty());
    copy.method_mut().clone_from(&parts.method);
    copy.uri_mut().clone_from(&parts.uri);
    *copy.version_mut() = parts.version;
    copy.headers_mut().clone_from(&parts.headers);
    copy.headers_mut().remove(EXPECT);
    // A client could have the mark removed again, by naming it in `Connection`.
    protect(copy.headers_mut(), std::iter::once(&X_GATEWAY_MIRROR));
    copy.headers_mut().insert(X_GATEWAY_MIRROR.clone(), HeaderValue::from_static("true"));
    *copy.extensions_mut() = (shadow.options().extensions)(&parts.extensions);
    if body.is_end_stream() {
        shadow.send(copy);
        return Request::from_parts(parts, body);
    }
    Request::from_parts(parts, Body::new(Teed::new(body, copy, shadow)))
}
