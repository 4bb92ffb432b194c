//! Problem details (RFC 9457).

use axum::http::{HeaderValue, StatusCode};
use bytes::Bytes;
use proxy_service::ErrorKind;
use serde::Serialize;

use crate::config::Content;

/// What a program reads of a problem. It says no more than the status, `Proxy-Status` and `X-Request-Id` do.
#[derive(Debug, Serialize)]
struct Details<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
    status: u16,
    /// The type of the error (RFC 9209 §2.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

/// The details of a problem: its status, what failed if the gateway knows, and the request's id.
pub(super) fn details(status: StatusCode, kind: Option<ErrorKind>, id: Option<&HeaderValue>) -> Content {
    let details = Details {
        r#type: "about:blank",
        title: status.canonical_reason(),
        status: status.as_u16(),
        error: kind.map(ErrorKind::name),
        request_id: id.and_then(|id| id.to_str().ok()),
    };
    let bytes = serde_json::to_vec(&details).map_or_else(|_| Bytes::from_static(b"{}"), Bytes::from);
    Content { bytes, media_type: HeaderValue::from_static("application/problem+json") }
}
