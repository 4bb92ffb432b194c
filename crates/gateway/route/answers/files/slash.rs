//! The slash behind the name of a directory. tower-http would add it to what is left of the path, and let a path that
//! begins with `//` lead to another host.

use axum::body::Body;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, Response, Uri};

use super::asked::Asked;
use crate::route::answers::escape::escape;

/// Where a client finds a directory: relative to where it looked (RFC 3986 §5.2), so that no prefix has to be known.
/// `None` if it looked for another name, which was rewritten.
pub(super) fn added(asked: &Asked) -> Option<HeaderValue> {
    let (path, query) = match &asked.original {
        Some(original) => (original.path(), original.query()),
        None => (asked.uri.path(), asked.uri.query()),
    };
    let name = last(path);
    if name.is_empty() || name != last(asked.uri.path()) {
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

pub(super) fn redirect(mut response: Response<Body>, location: HeaderValue) -> Response<Body> {
    response.headers_mut().insert(LOCATION, location);
    response
}

/// The directory itself.
pub(super) fn below(uri: &Uri) -> Uri {
    format!("{}/", uri.path()).parse().unwrap_or_default()
}
