//! Which answers are worth being compressed.

use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;

use crate::config::Compression;
use crate::route::answers::digests::DIGESTS;

/// What of a request decides whether its answer may have another form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// It may.
    AnyForm,
    /// The answer has the head that it would have in another form, and no body (RFC 9110 §9.3.2).
    HeadAlone,
    /// It may not: it says `no-transform` (RFC 9111 §5.2.1.6).
    ThisForm,
}

impl Asked {
    pub(super) fn by<B>(request: &Request<B>) -> Self {
        match *request.method() {
            _ if is_to_stay(request.headers()) => Self::ThisForm,
            Method::HEAD => Self::HeadAlone,
            _ => Self::AnyForm,
        }
    }
}

/// Statuses of answers without a body, or with a part of one.
const INCOMPLETE: [StatusCode; 4] = [
    StatusCode::NO_CONTENT,
    StatusCode::RESET_CONTENT,
    StatusCode::PARTIAL_CONTENT,
    StatusCode::NOT_MODIFIED,
];

/// Whether an answer may be compressed, and is worth it.
pub(super) fn is_worth_it<B: Body>(asked: Asked, response: &Response<B>, config: &Compression) -> bool {
    let (status, headers) = (response.status(), response.headers());
    asked != Asked::ThisForm
        && !status.is_informational()
        && !INCOMPLETE.contains(&status)
        && headers.get(CONTENT_TYPE).is_some_and(|media_type| is_worthwhile(media_type, config))
        && !headers.contains_key(CONTENT_ENCODING)
        && !headers.contains_key(CONTENT_RANGE)
        && size(asked, response).is_none_or(|size| size >= config.min_size.max(1))
        && !is_to_stay(headers)
        && !DIGESTS.iter().any(|digest| headers.contains_key(digest))
}

/// The size, if it is known. That the body of an answer to HEAD is empty says nothing.
fn size<B: Body>(asked: Asked, response: &Response<B>) -> Option<u64> {
    let stated = || response.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
    let counted = response.body().size_hint().exact();
    counted.filter(|size| asked != Asked::HeadAlone || *size > 0).or_else(stated)
}

/// Whether a media type is on the list. Events have to arrive one by one, and gRPC compresses by itself.
fn is_worthwhile(media_type: &HeaderValue, config: &Compression) -> bool {
    let essence = media_type.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let is_grpc = essence.get(..16).is_some_and(|begin| begin.eq_ignore_ascii_case(b"application/grpc"));
    !is_grpc
        && !essence.eq_ignore_ascii_case(b"text/event-stream")
        && config.types.iter().any(|range| range.has(essence))
}

/// Whether `Cache-Control` says `no-transform`.
fn is_to_stay(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(CACHE_CONTROL).iter();
    let mut directives = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    directives.any(|directive| directive.trim_ascii().eq_ignore_ascii_case(b"no-transform"))
}
