//! Puts the layers of a route's limits around its service.

use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use proxy_service::{CatchErrorBody, RouteOptions};
use tower::util::MapResponseLayer;

use super::buffer::BufferLayer;
use super::deadline::DeadlineLayer;
use super::rate::RateLimitLayer;
use crate::config::{RateKey, Route, RouteLimits, RouteTimeouts};
use crate::route::backing::{Backing, Purpose};
use crate::route::chain::Chain;

/// How long a body may stall if neither the route nor a pool says so.
const BODY_IDLE: Duration = Duration::from_secs(60);

/// What a request needs before an upstream is asked: its body, then a place. So a slow client holds neither.
pub(crate) fn before_upstream(chain: Chain, route: &Route, backing: &Backing<'_>) -> Chain {
    if backing.purpose == Purpose::Rehearsing {
        return chain;
    }
    let chain = match backing.limits.concurrency(route) {
        Some(layer) => chain.layer(layer.clone()),
        None => chain,
    };
    let Some(most) = route.limits.buffer else { return chain };
    // What is larger than `max_body` is refused, and needn't be read for that.
    let largest = route.limits.max_body.and_then(|largest| usize::try_from(largest).ok());
    let most = largest.map_or(most, |largest| most.min(largest));
    let of_pool = || route.pools().next().and_then(|pool| backing.pools.get(pool));
    let patience = route.limits.timeouts.body_idle;
    let patience = patience.or_else(|| of_pool().map(|(pool, _)| pool.timeouts.body_idle));
    let layer = BufferLayer::new(most, backing.limits.memory().clone());
    chain.layer(layer.patience(patience.unwrap_or(BODY_IDLE)))
}

/// The limits that count by user. They have to be behind what finds out who that is.
pub(crate) fn by_user(chain: Chain, route: &Route, backing: &Backing<'_>) -> Chain {
    limited(chain, route, backing, |key| *key == RateKey::Token)
}

/// The limits that count by what the request itself says. They come before anything that costs more.
pub(crate) fn by_sender(chain: Chain, route: &Route, backing: &Backing<'_>) -> Chain {
    limited(chain, route, backing, |key| *key != RateKey::Token)
}

fn limited(chain: Chain, route: &Route, backing: &Backing<'_>, counts: fn(&RateKey) -> bool) -> Chain {
    let kept = backing.limits;
    let counters = kept.counters(route).iter().filter(|counter| counts(&counter.limit().key));
    let counters: Vec<_> = counters.cloned().collect();
    if counters.is_empty() || backing.purpose == Purpose::Rehearsing {
        return chain;
    }
    let common = kept.common().map(|common| common.of_route(&route.name));
    chain.layer(RateLimitLayer::new(counters).asking(common))
}

/// Limits the time from a request's head to that of its answer.
pub(crate) fn in_time(chain: Chain, time: Option<Duration>) -> Chain {
    match time {
        Some(time) => {
            let boxed =
                MapResponseLayer::new(|response: Response<CatchErrorBody<Body>>| response.map(Body::new));
            chain.layer((boxed, DeadlineLayer::new(time)))
        }
        None => chain,
    }
}

/// Tells the proxy of a route's limits.
pub(crate) fn treated(options: RouteOptions, limits: &RouteLimits) -> RouteOptions {
    let RouteTimeouts { response_head, body_idle, tunnel_idle, request: _ } = limits.timeouts;
    let options = limits.max_body.into_iter().fold(options, RouteOptions::max_body);
    let options = response_head.into_iter().fold(options, RouteOptions::response_head);
    let options = body_idle.into_iter().fold(options, RouteOptions::body_idle);
    tunnel_idle.into_iter().fold(options, RouteOptions::tunnel_idle)
}
