//! `/slow?ms=N`: answers after `N` milliseconds.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};

const DEFAULT: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

pub(super) async fn answer(port: u16, uri: Uri) -> Response {
    let Some(pause) = pause(uri.query().unwrap_or_default()) else {
        return (StatusCode::BAD_REQUEST, "/slow?ms= wants a number of milliseconds\n").into_response();
    };
    tokio::time::sleep(pause).await;
    format!("upstream {port} answers after {} ms\n", pause.as_millis()).into_response()
}

/// The time to wait. `None` if `ms` isn't a number.
fn pause(query: &str) -> Option<Duration> {
    match query.split('&').find_map(|pair| pair.strip_prefix("ms=")) {
        Some(ms) => Some(Duration::from_millis(ms.parse().ok()?).min(LONGEST)),
        None => Some(DEFAULT),
    }
}
