//! Which answers are worth being compressed.

use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;

use crate::config::Compression;

/// What of a request decides whether its answer may have another form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// It may.
    ForAnyForm,
    /// It may not: it is a HEAD, whose answer has no body, or says `no-transform` (RFC 9111 §5.2.1.6).
    ForThisForm,
}

impl Asked {
    pub(super) fn by<B>(request: &Request<B>) -> Self {
        match request.method() == Method::HEAD || is_to_stay(request.headers()) {
            true => Self::ForThisForm,
            false => Self::ForAnyForm,
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

/// Fields with the digest of a body as it is (RFC 9530), which would be wrong.
static DIGESTS: [HeaderName; 4] = [
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-md5"),
];

/// Whether an answer may be compressed, and is worth it.
pub(super) fn is_worth_it<B: Body>(response: &Response<B>, config: &Compression) -> bool {
    let (status, headers) = (response.status(), response.headers());
    !status.is_informational()
        && !INCOMPLETE.contains(&status)
        && headers.get(CONTENT_TYPE).is_some_and(|media_type| is_worthwhile(media_type, config))
        && !headers.contains_key(CONTENT_ENCODING)
        && !headers.contains_key(CONTENT_RANGE)
        && size(response).is_none_or(|size| size >= config.min_size.max(1))
        && !is_to_stay(headers)
        && !DIGESTS.iter().any(|digest| headers.contains_key(digest))
}

/// The size, if it is known.
fn size<B: Body>(response: &Response<B>) -> Option<u64> {
    let stated = || response.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
    response.body().size_hint().exact().or_else(stated)
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
