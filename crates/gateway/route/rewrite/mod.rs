//! What a route changes of a request's target.

mod layer;
mod query;
mod rules;
#[cfg(test)]
mod tests;

use axum::body::Body;
use axum::http::Response;
use proxy_service::{CatchErrorBody, CatchErrorLayer, RouteOptions};
use tower::ServiceBuilder;

pub use self::layer::{RewriteFuture, RewriteLayer, Rewritten};
use super::chain::Chain;
use crate::config::Route;

/// Rewrites the targets of a route's requests. `options` is what the proxy is told besides.
pub(super) fn rewritten(chain: Chain, route: &Route, options: RouteOptions) -> Chain {
    if route.rewrite.leaves_targets() {
        return chain;
    }
    let layer = RewriteLayer::new(&route.rewrite, route.matching.prefix().unwrap_or("/"), options);
    let answered = ServiceBuilder::new()
        .map_response(|response: Response<CatchErrorBody<Body>>| response.map(Body::new))
        .layer(CatchErrorLayer::new())
        .layer(layer);
    chain.layer(answered.into_inner())
}
