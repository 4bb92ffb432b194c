//! `Asset`: a file that is part of the program.

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// A text of a media type. Browsers keep it, and ask each time whether it is still the same.
#[derive(Clone, Debug)]
pub(super) struct Asset {
    kind: HeaderValue,
    tag: HeaderValue,
    text: &'static str,
}

impl Asset {
    pub(super) fn new(kind: &'static str, text: &'static str) -> Self {
        let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(text)));
        let tag = HeaderValue::try_from(tag).expect("base64 in quotes is text");
        Self { kind: HeaderValue::from_static(kind), tag, text }
    }

    /// The text, or 304 for whoever has it (RFC 9110 §13.1.2).
    pub(super) fn answer(&self, asked: &HeaderMap) -> Response {
        let is_known = asked.get_all(IF_NONE_MATCH).iter().any(|list| names(list, &self.tag));
        let (status, text) =
            if is_known { (StatusCode::NOT_MODIFIED, "") } else { (StatusCode::OK, self.text) };
        let mut answer = (status, Bytes::from_static(text.as_bytes())).into_response();
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, self.kind.clone());
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(ETAG, self.tag.clone());
        answer
    }
}

/// Whether a list of tags has this one, which is compared weakly.
fn names(list: &HeaderValue, tag: &HeaderValue) -> bool {
    let mut tags = list.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    tags.any(|known| known == b"*" || known.strip_prefix(b"W/").unwrap_or(known) == tag.as_bytes())
}
