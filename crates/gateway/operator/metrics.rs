//! `/metrics`, for Prometheus.

use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::desk::Desk;
use crate::observe::metrics::Exposition;

/// All metrics, in the format that the scraper asks for.
pub(super) async fn metrics(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    let accepted = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let exposition = Exposition::accepted_by(accepted);
    let kind = HeaderValue::from_static(exposition.content_type());
    ([(CONTENT_TYPE, kind)], desk.handle.metrics(exposition)).into_response()
}
