//! `/livez` and `/readyz`, for who starts gateways and sends them clients.

use axum::extract::State;
use axum::http::StatusCode;

use super::desk::Desk;
use super::readiness;

/// Where they are. Load balancers ask for them by any name.
pub(super) const PATHS: [&str; 2] = ["/livez", "/readyz"];

/// The process runs, and its operator's side answers.
pub(super) async fn live() -> &'static str {
    "alive\n"
}

/// Whether clients may be sent here: 200, or 503 and a line for each reason why not.
pub(super) async fn ready(State(desk): State<Desk>) -> (StatusCode, String) {
    let obstacles = readiness::obstacles(&desk.handle);
    match obstacles.is_empty() {
        true => (StatusCode::OK, "ready\n".to_owned()),
        false => (StatusCode::SERVICE_UNAVAILABLE, obstacles.iter().map(|why| format!("{why}\n")).collect()),
    }
}
