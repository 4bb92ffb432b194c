//! `If-Range`, which tower-http doesn't know.

use axum::http::header::{ETAG, IF_RANGE, LAST_MODIFIED};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::asked::Asked;

/// Whether an answer has a part of a file that isn't the one that the client has the rest of (RFC 9110 §13.1.5).
pub(super) fn is_out_of_date<B>(asked: &Asked, response: &Response<B>) -> bool {
    let is_about_a_part =
        matches!(response.status(), StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE);
    is_about_a_part && asked.headers.get(IF_RANGE).is_some_and(|known| !is_current(known, response.headers()))
}

/// Whether a client knows the file as it is. A weak tag says nothing about bytes.
fn is_current(known: &HeaderValue, headers: &HeaderMap) -> bool {
    let known = Some(known);
    match headers.get(ETAG) {
        Some(tag) if !tag.as_bytes().starts_with(b"W/") && known == Some(tag) => true,
        _ => headers.get(LAST_MODIFIED) == known,
    }
}
