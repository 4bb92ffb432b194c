//! The gateway's own pages: the index (`/` by default), whether it is running (`/healthz`), and whether it takes
//! requests (`/readyz`).

use std::fmt::Write;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;

use crate::config::{Config, Pages};
use crate::pools::NamedPool;
use crate::serve::Shutdown;

/// What the pages show.
pub(crate) struct Shown {
    pub(crate) pools: Vec<NamedPool>,
    /// What is said of the generation that runs.
    pub(crate) status: Arc<dyn Fn() -> String + Send + Sync>,
    pub(crate) shutdown: Shutdown,
}

/// Adds those pages to the router that the configuration has.
pub(crate) fn mount(mut router: Router, config: &Config, shown: Shown) -> Router {
    let Shown { pools, status, shutdown } = shown;
    let Pages { index, health, ready } = &config.pages;
    if let Some(path) = health {
        router = router.route(path, get(move || std::future::ready(format!("alive\n{}", status()))));
    }
    if let Some(path) = ready {
        router = router.route(path, get(move || std::future::ready(readiness(&shutdown))));
    }
    if let Some(path) = index {
        let index = Arc::new(Index { routes: routes(config), pools });
        router = router.route(path, get(move || std::future::ready(index.page())));
    }
    router
}

/// The paths of those pages.
pub(crate) fn paths(config: &Config) -> impl Iterator<Item = &str> {
    let Pages { index, health, ready } = &config.pages;
    [index, health, ready].into_iter().filter_map(Option::as_deref)
}

fn readiness(shutdown: &Shutdown) -> (StatusCode, &'static str) {
    if shutdown.is_announced() {
        (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

struct Index {
    routes: String,
    pools: Vec<NamedPool>,
}

impl Index {
    fn page(&self) -> String {
        let mut page = format!("gateway {}\n\nroutes\n{}\npools\n", env!("CARGO_PKG_VERSION"), self.routes);
        for pool in &self.pools {
            write!(page, "{pool}").expect("a String takes all that is written to it");
        }
        page
    }
}

fn routes(config: &Config) -> String {
    let line = |route: &crate::config::Route| {
        let pool = config.pool_of(route).map_or("", |pool| &pool.name);
        let gate = if route.admin_tokens.is_some() { "  (admin token)" } else { "" };
        format!("  {}  ->  {pool}{gate}\n", route.prefix)
    };
    config.routes.iter().map(line).collect()
}
