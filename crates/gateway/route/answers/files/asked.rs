//! What a client asks of a directory.

use axum::body::Body;
use axum::http::header::{IF_RANGE, RANGE};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Uri};

use crate::route::Original;

/// What a client asks of a directory. It may have to be asked more than once.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    /// The target as it came, if the request says it.
    pub(super) original: Option<Original>,
}

impl Asked {
    /// Only a GET may ask for a range, and a unit that nobody knows is none (RFC 9110 §14.2).
    pub(super) fn by<B>(request: Request<B>) -> Self {
        let (mut parts, _) = request.into_parts();
        let is_range = |range: &HeaderValue| range.as_bytes().starts_with(b"bytes=");
        if parts.method != Method::GET || !parts.headers.get(RANGE).is_some_and(is_range) {
            parts.headers.remove(RANGE);
        }
        let original = parts.extensions.remove();
        Self { method: parts.method, uri: parts.uri, headers: parts.headers, original }
    }

    /// Whether it asks for the root by the route's prefix, without the slash behind it.
    pub(super) fn is_without_slash(&self) -> bool {
        let is_reading = self.method == Method::GET || self.method == Method::HEAD;
        is_reading && self.uri.path() == "/" && self.original.as_ref().is_some_and(Original::is_prefix_alone)
    }

    /// The same of another path.
    pub(super) fn at(&self, uri: Uri) -> Self {
        Self { uri, ..self.clone() }
    }

    /// The same without a range.
    pub(super) fn whole(&self) -> Self {
        let mut whole = self.clone();
        whole.headers.remove(RANGE);
        whole.headers.remove(IF_RANGE);
        whole
    }

    pub(super) fn request(&self) -> Request<Body> {
        let mut request = Request::new(Body::empty());
        request.method_mut().clone_from(&self.method);
        request.uri_mut().clone_from(&self.uri);
        request.headers_mut().clone_from(&self.headers);
        request
    }
}
