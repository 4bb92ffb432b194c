//! The gateway's own pages for clients: that it is here (nowhere by default), whether it is running and which
//! configuration that is (`/healthz`), and whether it takes requests (`/readyz`). What it does, they don't say: see
//! [`operator`](crate::operator).

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Extension, Router};

use crate::config::{Config, Pages};
use crate::route::answers::Meant;
use crate::serve::Shutdown;

/// What the pages show.
pub(crate) struct Shown {
    /// What is said of the generation that runs.
    pub(crate) status: Arc<dyn Fn() -> String + Send + Sync>,
    pub(crate) shutdown: Shutdown,
}

/// Adds those pages to the router that the configuration has.
pub(crate) fn mount(mut router: Router, config: &Config, shown: Shown) -> Router {
    let Shown { status, shutdown } = shown;
    let Pages { index, health, ready } = &config.pages;
    if let Some(path) = health {
        router = router.route(path, get(move || std::future::ready(format!("alive\n{}", status()))));
    }
    if let Some(path) = ready {
        router = router.route(path, get(move || std::future::ready(readiness(&shutdown))));
    }
    if let Some(path) = index {
        router = router.route(path, get(async || "a gateway is here\n"));
    }
    router
}

/// The paths of those pages.
pub(crate) fn paths(config: &Config) -> impl Iterator<Item = &str> {
    let Pages { index, health, ready } = &config.pages;
    [index, health, ready].into_iter().filter_map(Option::as_deref)
}

fn readiness(shutdown: &Shutdown) -> impl IntoResponse + use<> {
    let (status, text) = match shutdown.is_announced() {
        true => (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n"),
        false => (StatusCode::OK, "ready\n"),
    };
    (status, Extension(Meant), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever balances over gateways reads it, and no page stands in its place.
    #[test]
    fn that_it_shuts_down_is_no_failure() {
        let shutdown = Shutdown::new();
        assert_eq!(readiness(&shutdown).into_response().status(), StatusCode::OK);
        shutdown.announce();
        let answer = readiness(&shutdown).into_response();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.extensions().get::<Meant>().is_some());
    }
}
