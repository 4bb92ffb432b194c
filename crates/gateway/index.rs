//! The pages that the gateway answers itself: what it is at `/`, whether it lives at `/healthz`, and whether it takes
//! requests at `/readyz`.

use std::fmt::Write;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;

use crate::config::Config;
use crate::pools::NamedPool;
use crate::serve::Shutdown;

/// Adds the pages; the index gives way to a route of the configuration's own at `/`.
pub(crate) fn mount(router: Router, config: &Config, pools: Vec<NamedPool>, shutdown: Shutdown) -> Router {
    let router = router
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(move || std::future::ready(readiness(&shutdown))));
    if config.routes.iter().any(|route| route.prefix == "/") {
        return router;
    }
    let index = Arc::new(Index { routes: routes(config), pools });
    router.route("/", get(move || std::future::ready(index.page())))
}

fn readiness(shutdown: &Shutdown) -> (StatusCode, &'static str) {
    if shutdown.has_begun() {
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
