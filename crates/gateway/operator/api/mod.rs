//! `/api/v1/...`: state as JSON.

mod explain;
mod read;

use axum::Router;
use axum::routing::get;

use super::desk::Desk;

/// The paths below `/api/v1`.
pub(super) fn router() -> Router<Desk> {
    Router::new()
        .route("/api/v1/status", get(read::status))
        .route("/api/v1/routes", get(read::routes))
        .route("/api/v1/pools", get(read::pools))
        .route("/api/v1/pools/{pool}", get(read::pool))
        .route("/api/v1/explain", get(explain::explained))
}
