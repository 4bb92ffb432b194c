//! Which answers are given something else to read, and what.

use axum::http::header::ACCEPT;
use axum::http::{Extensions, HeaderMap, HeaderValue, Request, Response, StatusCode, header::CONTENT_TYPE};
use proxy_service::{ErrorKind, Upstream};

use super::accepts::prefers_json;
use super::problem::details;
use super::told::Told;
use crate::config::{Content, Errors};
use crate::request_id::X_REQUEST_ID;

/// In the extensions of an answer whose body was written on purpose, or by `errors` of its route: it stays, whatever its
/// status.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meant;

/// What of a request decides what its client reads. It is looked at only if something fails.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    accept: Option<HeaderValue>,
    /// More lines of the same field.
    accept_too: Vec<HeaderValue>,
    id: Option<HeaderValue>,
}

/// What an answer is to be given.
pub(super) enum Instead {
    /// It stays as it is.
    Nothing,
    /// This, and its own body is to be dropped.
    Now(Told),
    /// This, once the upstream has sent its own body: its connection can be used again then.
    OfUpstream(Told),
}

impl Asked {
    pub(super) fn by<B>(request: &Request<B>, errors: &Errors) -> Self {
        if !errors.problem {
            return Self::default();
        }
        let headers = request.headers();
        let mut lines = headers.get_all(ACCEPT).iter().cloned();
        Self { accept: lines.next(), accept_too: lines.collect(), id: headers.get(&X_REQUEST_ID).cloned() }
    }

    /// What the client is to read instead of this answer's body.
    pub(super) fn instead<B>(&self, response: &Response<B>, errors: &Errors) -> Instead {
        let (status, extensions) = (response.status(), response.extensions());
        if !is_error(status) || extensions.get::<Meant>().is_some() || is_grpc(response.headers()) {
            return Instead::Nothing;
        }
        let page = errors.page(status);
        let is_of_upstream = is_of_upstream(extensions);
        if is_of_upstream && !(errors.intercept && page.is_some()) {
            return Instead::Nothing;
        }
        let may_be_problem = errors.problem && !page.is_some_and(is_json);
        let content = match may_be_problem && prefers_json(self.accept.iter().chain(&self.accept_too)) {
            true => Some(details(status, extensions.get().copied(), self.id.as_ref())),
            false => page.cloned(),
        };
        let told = if may_be_problem { Told::ByAccept(content) } else { Told::All(content) };
        if is_of_upstream { Instead::OfUpstream(told) } else { Instead::Now(told) }
    }
}

pub(super) fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
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
