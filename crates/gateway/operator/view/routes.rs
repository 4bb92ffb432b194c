//! The routes, with their traffic.

use serde::Serialize;

use crate::config::{Config, Route as Configured};
use crate::live::Handle;

/// All routes, in the order of their prefixes.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Routes {
    routes: Vec<Route>,
}

/// A route, and its requests. Rates and percentiles are those of the last 10 seconds.
#[derive(Clone, Debug, Serialize)]
struct Route {
    name: String,
    prefix: String,
    pool: String,
    gated: bool,
    requests: u64,
    /// Answers 5xx, and requests that broke.
    errors: u64,
    in_flight: u64,
    requests_per_second: f64,
    errors_per_second: f64,
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
}

impl Routes {
    pub(crate) fn of(handle: &Handle) -> Self {
        let scene = handle.scene();
        Self { routes: scene.config.routes.iter().map(|route| Route::of(route, &scene.config)).collect() }
    }
}

impl Route {
    fn of(route: &Configured, config: &Config) -> Self {
        Self {
            name: route.prefix.clone(),
            prefix: route.prefix.clone(),
            pool: config.pool_of(route).map(|pool| pool.name.clone()).unwrap_or_default(),
            gated: route.admin_tokens.is_some(),
            requests: 0,
            errors: 0,
            in_flight: 0,
            requests_per_second: 0.0,
            errors_per_second: 0.0,
            p50_ms: None,
            p99_ms: None,
        }
    }
}
