//! The `ETag` of what is compressed on the way.

use axum::http::header::{ACCEPT_ENCODING, ETAG, VARY};
use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;

/// Other bytes of the same answer have a weak tag (RFC 9110 §8.8.1).
pub(super) fn weaken(headers: &mut HeaderMap) {
    let Some(tag) = headers.get(ETAG).filter(|tag| !tag.as_bytes().starts_with(b"W/")) else { return };
    let weak = Bytes::from([b"W/", tag.as_bytes()].concat());
    match HeaderValue::from_maybe_shared(weak) {
        Ok(weak) => drop(headers.insert(ETAG, weak)),
        Err(_) => drop(headers.remove(ETAG)),
    }
}

/// Makes a 304 that of what the client has, as its `If-None-Match` says: if it has the weak tag, it was given other bytes
/// than those of the strong one. With that, its next range would be one of bytes that it doesn't have (RFC 9111 §4.3.4).
pub(super) fn make_as_known(headers: &mut HeaderMap, known: &HeaderValue) {
    let Some(tag) = headers.get(ETAG).filter(|tag| tag.as_bytes().starts_with(b"\"")) else { return };
    let is_tag = |listed: &[u8]| listed.trim_ascii().strip_prefix(b"W/") == Some(tag.as_bytes());
    if known.as_bytes().split(|byte| *byte == b',').any(is_tag) {
        weaken(headers);
        headers.append(VARY, HeaderValue::from_name(ACCEPT_ENCODING));
    }
}
