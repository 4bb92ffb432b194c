//! The routes, with their traffic.

use std::collections::HashMap;

use serde::Serialize;

use super::history::millis;
use crate::config::{Config, PoolShare, Route as Configured};
use crate::live::Handle;
use crate::observe::RouteMeter;

/// All routes, in the order of the configuration.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Routes {
    routes: Vec<Route>,
}

/// A route, and its requests. Rates and percentiles are those of the last 10 seconds.
#[derive(Clone, Debug, Serialize)]
struct Route {
    name: String,
    /// Which requests it takes, as the file says it.
    #[serde(rename = "match")]
    takes: String,
    /// Its prefix, if that is what paths are compared with.
    prefix: Option<String>,
    /// Its pool, the first of several.
    pool: Option<String>,
    /// The pools that its requests are shared among.
    pools: Vec<Share>,
    /// The pool for when these have nobody.
    fallback: Option<String>,
    mirror: Option<Mirror>,
    /// Where it leads, or what it answers.
    to: String,
    /// Whether not everyone may enter.
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

/// A pool, and how many requests it gets against the others.
#[derive(Clone, Debug, Serialize)]
struct Share {
    pool: String,
    weight: u16,
}

/// A pool, and how many requests it gets copies of.
#[derive(Clone, Debug, Serialize)]
struct Mirror {
    pool: String,
    percent: u8,
}

impl Routes {
    pub(crate) fn of(handle: &Handle) -> Self {
        let scene = handle.scene();
        let meters = handle.observed().routes();
        // The last is that of requests without a route, whose name a route may have as well.
        let meters = meters.iter().rev().map(|meter| (meter.name(), &**meter));
        let meters: HashMap<&str, &RouteMeter> = meters.collect();
        let routes = scene.config.routes.iter().map(|route| {
            let meter = meters.get(route.name.as_str()).copied();
            Route::of(route, &scene.config, meter)
        });
        Self { routes: routes.collect() }
    }
}

impl Route {
    fn of(route: &Configured, config: &Config, meter: Option<&RouteMeter>) -> Self {
        let counted = meter.map(RouteMeter::counted).unwrap_or_default();
        let recent = meter.map(|meter| *meter.recent()).unwrap_or_default();
        let named = |index: usize| config.pools.get(index).map(|pool| pool.name.clone());
        let share = |PoolShare { pool, weight }| Some(Share { pool: named(pool)?, weight });
        let pools: Vec<Share> = route.action.shares().filter_map(share).collect();
        let mirror = route.others.mirror.as_ref();
        Self {
            name: route.name.clone(),
            takes: route.matching.to_string(),
            prefix: route.matching.prefix().map(str::to_owned),
            pool: pools.first().map(|share| share.pool.clone()),
            pools,
            fallback: route.others.fallback.and_then(named),
            mirror: mirror.and_then(|it| Some(Mirror { pool: named(it.pool)?, percent: it.percent })),
            to: config.destination(route),
            gated: route.is_gated(),
            requests: counted.total.count(),
            errors: counted.failed,
            in_flight: counted.in_flight,
            requests_per_second: recent.requests_per_second,
            errors_per_second: recent.errors_per_second,
            p50_ms: recent.p50.map(millis),
            p99_ms: recent.p99.map(millis),
        }
    }
}
