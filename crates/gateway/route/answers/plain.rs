//! One line of text, as all of the gateway's own errors are answered.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};

/// An answer with one line, which says no more than the status.
pub(super) fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    in_one_line(response)
}

/// Gives an answer one line instead of its body.
pub(super) fn in_one_line(mut response: Response<Body>) -> Response<Body> {
    let reason = response.status().canonical_reason().unwrap_or("Error");
    *response.body_mut() = Body::from(format!("{reason}\n"));
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, text);
    response
}
