//! `/api/v1/...`: state as JSON, and what can be done. `openapi.json` describes it.

mod act;
mod explain;
mod read;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post, put};

use super::desk::Desk;

/// No request has a longer body, in bytes.
const LONGEST_BODY: usize = 4096;

/// The paths below `/api/v1`.
pub(super) fn router() -> Router<Desk> {
    reading().merge(acting())
}

fn reading() -> Router<Desk> {
    Router::new()
        .route("/api/v1/status", get(read::status))
        .route("/api/v1/routes", get(read::routes))
        .route("/api/v1/pools", get(read::pools))
        .route("/api/v1/pools/{pool}", get(read::pool))
        .route("/api/v1/explain", get(explain::explained))
        .route("/api/v1/connections", get(read::connections))
        .route("/api/v1/config", get(read::config))
        .route("/api/v1/errors", get(read::errors))
        .route("/api/v1/history", get(read::history))
        .route("/api/v1/openapi.json", get(read::openapi))
}

fn acting() -> Router<Desk> {
    Router::new()
        .route("/api/v1/pools/{pool}/endpoints/{endpoint}/drain", post(act::drain))
        .route("/api/v1/pools/{pool}/endpoints/{endpoint}/enable", post(act::enable))
        .route("/api/v1/pools/{pool}/endpoints/{endpoint}/eject", post(act::eject))
        .route("/api/v1/pools/{pool}/endpoints/{endpoint}/weight", put(act::weigh))
        .route("/api/v1/reload", post(act::reload))
        .route("/api/v1/drain", post(act::stop))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
}
