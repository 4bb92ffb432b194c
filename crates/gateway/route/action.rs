//! The innermost service of a route: what it does with its requests.

use axum::body::Body;
use axum::http::{Request, Response};
use proxy_service::CatchErrorLayer;
use tower::util::MapRequestLayer;
use tower::{Layer, ServiceBuilder};

use super::answers::{FilesService, RespondService};
use super::backing::Backing;
use super::chain::Chain;
use crate::config::{Action, Route};
use crate::diagnosed::Diagnosed;
use crate::gates;
use crate::pick::{Tell, X_GATEWAY_PICK};
use crate::pools::{self, Pool};
use crate::request_id::X_ADMIN_TOKEN;

/// The innermost service. `None` if its pool isn't there.
pub(super) fn action(route: &Route, backing: &Backing<'_>) -> Option<Chain> {
    match &route.action {
        Action::Pool(index) => backing.pool(*index).map(|pool| forwarding(route, pool, backing)),
        Action::Respond(respond) => Some(Chain::of(RespondService::new(respond.clone()))),
        Action::Files(files) => Some(Chain::of(FilesService::new(files))),
    }
}

/// Forwards to a pool. Whose route has no gate of its own has to show a token if it asks which upstream was picked.
fn forwarding(route: &Route, pool: &Pool, backing: &Backing<'_>) -> Chain {
    let (names, logged, staying) = (pool.names(), pool.names(), backing.stay.bodies());
    let proxy = ServiceBuilder::new()
        .map_response(move |response: Response<_>| {
            logged.log(&response);
            response.map(|body| Body::new(staying(body)))
        })
        .layer(CatchErrorLayer::new())
        .map_err(pools::explained)
        .service(pool.service());
    let has_tokens = backing.gates.of_route(&route.name).is_some();
    match backing.gates.administrators().filter(|_| !has_tokens) {
        None if has_tokens => Chain::of(Tell::new(proxy, names)),
        None => Chain::of(MapRequestLayer::new(without_secrets).layer(proxy)),
        Some(gate) => {
            let open = MapRequestLayer::new(without_secrets).layer(proxy.clone());
            let gated = ServiceBuilder::new()
                .map_response(gates::explained)
                .layer(gate)
                .service(Tell::new(proxy, names));
            Chain::of(Diagnosed::new(open, gated))
        }
    }
}

/// Removes the admin token and `x-gateway-pick` from a request to a route without a gate. A client may send its token
/// with every request, and the upstreams of such routes must not see it.
fn without_secrets(mut request: Request<Body>) -> Request<Body> {
    // Most requests have neither. One walk costs less than two look-ups, which hash the names.
    if request.headers().keys().any(|name| *name == X_ADMIN_TOKEN || *name == X_GATEWAY_PICK) {
        request.headers_mut().remove(&X_ADMIN_TOKEN);
        request.headers_mut().remove(&X_GATEWAY_PICK);
    }
    request
}
