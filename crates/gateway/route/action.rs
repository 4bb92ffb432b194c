//! The innermost service of a route: what it does with its requests.

use axum::BoxError;
use axum::body::Body;
use axum::http::{Request, Response};
use bytes::Bytes;
use proxy_service::CatchErrorLayer;
use tower::util::MapRequestLayer;
use tower::{Layer, Service, ServiceBuilder};

use super::answers::{FilesService, RedirectService, RespondService};
use super::backing::Backing;
use super::chain::Chain;
use super::fallback::FallbackLayer;
use super::from_pools::FromPools;
use super::split::Split;
use crate::config::{Action, PoolShare, Route};
use crate::diagnosed::Diagnosed;
use crate::gates;
use crate::pick::{Names, Tell, X_GATEWAY_PICK};
use crate::pools::{self, Pool};
use crate::request_id::X_ADMIN_TOKEN;

/// The innermost service. `None` if a pool isn't there.
pub(super) fn action(route: &Route, backing: &Backing<'_>) -> Option<Chain> {
    if let Some(fallback) = route.others.fallback
        && route.action.pools().next().is_some()
    {
        let first = split(route, backing, Pool::giving_back)?;
        let service = FallbackLayer::to(backing.pool(fallback)?.service()).layer(first);
        return Some(forwarding(route, service, backing));
    }
    match &route.action {
        Action::Pool(index) => Some(forwarding(route, backing.pool(*index)?.service(), backing)),
        Action::Split(_) => Some(forwarding(route, split(route, backing, Pool::service)?, backing)),
        Action::Respond(respond) => Some(Chain::of(RespondService::new(respond.clone()))),
        Action::Redirect(redirect) => Some(Chain::of(RedirectService::new(redirect.clone()))),
        Action::Files(files) => Some(Chain::of(FilesService::new(files))),
    }
}

/// The pools that answer the route's requests, by their shares. A pool alone has all of them.
fn split<S: Clone>(route: &Route, backing: &Backing<'_>, service: fn(&Pool) -> S) -> Option<Split<S>> {
    let share = |share: PoolShare| {
        let (config, pool) = backing.pools.get(share.pool)?;
        Some((config.name.as_str(), share.weight, service(pool)))
    };
    let pools = Split::new(route.action.shares().filter_map(share))?;
    Some(match &route.action {
        Action::Split(split) => pools.configured(&split.by),
        _ => pools,
    })
}

/// Forwards to pools. Whose route has no gate of its own has to show a token if it asks which upstream was picked.
fn forwarding<S, B>(route: &Route, service: S, backing: &Backing<'_>) -> Chain
where
    S: Service<Request<Body>, Response = Response<B>, Error = BoxError, Future: Send>,
    S: Clone + Send + Sync + 'static,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let names = Names::of_all(route.pools().filter_map(|index| Some(backing.pool(index)?.names())).collect());
    let proxy =
        ServiceBuilder::new().layer(CatchErrorLayer::new()).map_err(pools::explained).service(service);
    let proxy = FromPools::new(proxy, names.clone(), backing.stay.clone());
    let has_tokens = backing.gates.of_route(&route.name).is_some();
    match backing.gates.administrators().filter(|_| !has_tokens) {
        None if has_tokens => Chain::of(Tell::new(proxy, names)),
        None => Chain::of(proxy).map_request(remove_secrets),
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
pub(super) fn without_secrets(mut request: Request<Body>) -> Request<Body> {
    remove_secrets(&mut request);
    request
}

fn remove_secrets(request: &mut Request<Body>) {
    // Most requests have neither. One walk costs less than two look-ups, which hash the names.
    if request.headers().keys().any(|name| *name == X_ADMIN_TOKEN || *name == X_GATEWAY_PICK) {
        request.headers_mut().remove(&X_ADMIN_TOKEN);
        request.headers_mut().remove(&X_GATEWAY_PICK);
    }
}
