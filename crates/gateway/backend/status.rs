//! `/status/N`: answers with the status `N`, 200 to 599.

use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

pub(super) async fn answer(Path(code): Path<String>) -> Response {
    match final_status(&code) {
        Some(status) if forbids_content(status) => (status, Body::empty()).into_response(),
        Some(status) => (status, format!("{status}\n")).into_response(),
        None => (StatusCode::BAD_REQUEST, "/status/ wants 200 to 599\n").into_response(),
    }
}

fn final_status(code: &str) -> Option<StatusCode> {
    let code: u16 = code.parse().ok()?;
    (200..600).contains(&code).then(|| StatusCode::from_u16(code).ok())?
}

/// Whether a response with this status has no content (RFC 9110 §15.3.5, §15.3.6 and §15.4.5).
fn forbids_content(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED)
}
