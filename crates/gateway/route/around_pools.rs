//! What a route puts around its pools: the cookie of a split, and a mirror.

use std::sync::Arc;

use axum::http::Extensions;
use hyper::upgrade::OnUpgrade;
use proxy_service::Informational;
use tower::Layer;
use tower::util::MapRequestLayer;

use super::action::without_secrets;
use super::backing::{Backing, Purpose};
use super::chain::Chain;
use super::mirror::{Copies, MirrorLayer, Mirrored};
use super::split::SplitCookieLayer;
use crate::config::{Action, Mirror, Route, Split, SplitBy};
use crate::observe::Journey;
use crate::pools::Pool;

/// Puts the cookie of a split and a mirror around the pools, as far as the route asks for them.
pub(super) fn around_pools(chain: Chain, route: &Route, backing: &Backing<'_>) -> Chain {
    let cookie = match &route.action {
        Action::Split(Split { by: SplitBy::Cookie(name), .. }) => SplitCookieLayer::new(name),
        _ => None,
    };
    let chain = match cookie {
        Some(layer) => chain.layer(layer),
        None => chain,
    };
    let Some(mirror) = route.others.mirror.as_ref().filter(|_| backing.purpose == Purpose::Serving) else {
        return chain;
    };
    let Some(pool) = backing.pool(mirror.pool) else { return chain };
    let copies = backing.limits.copies(route).cloned().unwrap_or_default();
    mirrored(chain, mirror, (pool, copies), backing)
}

fn mirrored(chain: Chain, mirror: &Mirror, (pool, copies): (&Pool, Copies), backing: &Backing<'_>) -> Chain {
    let meter = Arc::clone(&backing.meter);
    let (shutdown, limit) = backing.shutdown;
    let shutdown = shutdown.clone();
    let over = move || {
        let shutdown = shutdown.clone();
        async move { shutdown.over(limit).await }
    };
    let layer = MirrorLayer::to(MapRequestLayer::new(without_secrets).layer(pool.service()))
        .percent(mirror.percent)
        .max_body(mirror.max_body)
        .max_in_flight(mirror.max_in_flight)
        .counting_with(copies)
        .timeout(mirror.timeout)
        .extensions(of_a_copy)
        .until(over)
        .counted_by(move |mirrored: Mirrored| meter.count_mirrored(mirrored.name()));
    chain.layer(layer)
}

/// A copy is treated as its request is. But it is no part of the request's record, and the client hears nothing of it.
fn of_a_copy(extensions: &Extensions) -> Extensions {
    let mut extensions = extensions.clone();
    extensions.remove::<Journey>();
    extensions.remove::<Informational>();
    extensions.remove::<OnUpgrade>();
    extensions
}
