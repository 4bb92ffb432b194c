//! `Problem`: why a request of an operator was not done (RFC 9457).

use std::borrow::Cow;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a request was not done, as problem details (RFC 9457).
#[derive(Clone, Debug)]
pub(super) struct Problem {
    status: StatusCode,
    detail: Cow<'static, str>,
}

impl Problem {
    pub(super) const NOT_FOUND: Self = Self::fixed(StatusCode::NOT_FOUND, "there is nothing at this path");
    pub(super) const METHOD_NOT_ALLOWED: Self =
        Self::fixed(StatusCode::METHOD_NOT_ALLOWED, "this path has other methods");

    pub(super) const fn fixed(status: StatusCode, detail: &'static str) -> Self {
        Self { status, detail: Cow::Borrowed(detail) }
    }

    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: Cow::Owned(detail.into()) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, detail } = self;
        let title = status.canonical_reason().unwrap_or_default();
        let body = json!({
            "type": "about:blank",
            "title": title,
            "status": status.as_u16(),
            "detail": detail,
        });
        let kind = HeaderValue::from_static("application/problem+json");
        (status, [(CONTENT_TYPE, kind)], Body::from(body.to_string())).into_response()
    }
}
