//! Which answers are given something else to read, and what.

use axum::body::Body;
use axum::http::header::{
    ACCEPT, ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH,
    CONTENT_TYPE, ETAG, LAST_MODIFIED, TRAILER, VARY,
};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Request, Response};
use proxy_service::{ErrorKind, Upstream};

use super::accepts::prefers_json;
use super::problem::details;
use crate::config::{Content, Errors};
use crate::request_id::X_REQUEST_ID;

/// In the extensions of an answer whose body was written on purpose: it stays, whatever its status.
#[derive(Clone, Copy, Debug)]
pub(in crate::route) struct Meant;

/// What of a request decides what its client reads.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    prefers_json: bool,
    id: Option<HeaderValue>,
}

/// What an answer is to be given.
pub(super) enum Instead {
    /// It stays as it is.
    Nothing,
    /// This, and its own body is to be dropped.
    Now(Content),
    /// This, once the upstream has sent its own body: its connection can be used again then.
    OfUpstream(Content),
}

impl Asked {
    pub(super) fn by<B>(request: &Request<B>) -> Self {
        let headers = request.headers();
        Self { prefers_json: prefers_json(headers), id: headers.get(&X_REQUEST_ID).cloned() }
    }

    /// What the client is to read instead of this answer's body.
    pub(super) fn instead(&self, response: &Response<Body>, errors: &Errors) -> Instead {
        let (status, extensions) = (response.status(), response.extensions());
        if !(status.is_client_error() || status.is_server_error())
            || extensions.get::<Meant>().is_some()
            || is_grpc(response.headers())
        {
            return Instead::Nothing;
        }
        let page = errors.page(status);
        let is_of_upstream = is_of_upstream(extensions);
        let may_be_problem = errors.problem && self.prefers_json && !page.is_some_and(is_json);
        let content = match page {
            _ if is_of_upstream && !(errors.intercept && page.is_some()) => None,
            _ if may_be_problem => Some(details(status, extensions.get().copied(), self.id.as_ref())),
            page => page.cloned(),
        };
        match content {
            None => Instead::Nothing,
            Some(content) if is_of_upstream => Instead::OfUpstream(content),
            Some(content) => Instead::Now(content),
        }
    }
}

/// Whether an upstream has answered so, and nothing else has failed.
fn is_of_upstream(extensions: &Extensions) -> bool {
    extensions.get::<Upstream>().is_some() && extensions.get::<ErrorKind>().is_none()
}

fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|media_type| media_type.as_bytes().starts_with(b"application/grpc"))
}

fn is_json(content: &Content) -> bool {
    let media_type = content.media_type.as_bytes();
    let essence = media_type.split(|byte| *byte == b';').next().unwrap_or_default();
    essence == b"application/json" || essence.ends_with(b"+json")
}

/// Fields that describe the body that is dropped.
static OF_THE_BODY: [HeaderName; 9] = [
    ACCEPT_RANGES,
    CONTENT_DISPOSITION,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    ETAG,
    LAST_MODIFIED,
    TRAILER,
];

/// Gives an answer another body.
pub(super) fn replaced<B>(response: Response<B>, content: Content, errors: &Errors) -> Response<Body> {
    let mut response = response.map(|_| Body::from(content.bytes));
    let headers = response.headers_mut();
    OF_THE_BODY.iter().for_each(|name| drop(headers.remove(name)));
    headers.insert(CONTENT_TYPE, content.media_type);
    if errors.problem {
        headers.append(VARY, HeaderValue::from_name(ACCEPT));
    }
    response
}
