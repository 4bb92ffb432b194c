//! The slash behind the name of a directory. tower-http would add it to what is left of the path, and let a path that
//! begins with `//` lead to another host.

use axum::body::Body;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, Response, StatusCode, Uri};

use super::asked::Asked;
use crate::route::Original;
use crate::route::answers::escape::escape;

/// Where a client finds a directory: relative to where it looked (RFC 3986 §5.2), so that no prefix has to be known.
/// `None` if it looked for another name, which was rewritten.
pub(super) fn added(asked: &Asked) -> Option<HeaderValue> {
    let (path, query) = match &asked.original {
        Some(original) => (original.path(), original.query()),
        None => (asked.uri.path(), asked.uri.query()),
    };
    let name = last(path);
    let is_prefix = asked.original.as_ref().is_some_and(Original::is_prefix_alone);
    if name.is_empty() || !is_prefix && name != last(asked.uri.path()) {
        return None;
    }
    // Without the dot, a colon in the name would make it a scheme.
    let mut location = b"./".to_vec();
    escape(name.as_bytes(), &mut location);
    location.push(b'/');
    if let Some(query) = query {
        location.push(b'?');
        escape(query.as_bytes(), &mut location);
    }
    HeaderValue::from_maybe_shared(bytes::Bytes::from(location)).ok()
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// 301, as other servers of files answer. Nothing but GET and HEAD comes here, so no method is lost.
pub(super) fn redirect(location: HeaderValue) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    response.headers_mut().insert(LOCATION, location);
    response
}

/// The directory itself.
pub(super) fn below(uri: &Uri) -> Uri {
    format!("{}/", uri.path()).parse().unwrap_or_default()
}
