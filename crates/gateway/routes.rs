//! Mounts each route: prefix, gate, errors, pool. Several routes may share a pool.

use std::convert::Infallible;
use std::sync::Arc;

use axum::BoxError;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use bytes::Bytes;
use proxy_service::{CatchErrorLayer, RouteOptions};
use tower::util::MapRequestLayer;
use tower::{Layer, Service, ServiceBuilder};

use crate::config::Route;
use crate::diagnosed::Diagnosed;
use crate::gates::Gates;
use crate::observe::{Journey, RouteMeter};
use crate::pick::{Tell, X_GATEWAY_PICK};
use crate::pools::{self, Pool};
use crate::request_id::X_ADMIN_TOKEN;
use crate::stay::Stay;
use crate::table::Table;

/// Mounts a route's pool below its prefix, for all methods. The pool sees the path without the prefix, and undecoded.
pub(crate) fn mount(table: &mut Table, route: &Route, backing: Backing<'_>) {
    let Backing { pool, gates, stay, meter } = backing;
    let mounted = Mounted { route, stay, meter };
    let (names, logged, staying) = (pool.names(), pool.names(), stay.bodies());
    let proxy = ServiceBuilder::new()
        .map_response(move |response: Response<_>| {
            logged.log(&response);
            response.map(|body| Body::new(staying(body)))
        })
        .layer(CatchErrorLayer::new())
        .map_err(pools::explained)
        .service(pool.service());
    match gates.of_route(&route.prefix) {
        Some(gate) => mounted.nest(table, gate.layer(Tell::new(proxy, names))),
        None => {
            let open = MapRequestLayer::new(without_secrets).layer(proxy.clone());
            match gates.administrators() {
                None => mounted.nest(table, open),
                Some(gate) => {
                    let gated = ServiceBuilder::new()
                        .map_response(|response: Response<_>| response.map(Body::new))
                        .layer(gate)
                        .service(Tell::new(proxy, names));
                    mounted.nest(table, Diagnosed::new(open, gated));
                }
            }
        }
    }
}

/// What a route needs besides its configuration.
pub(crate) struct Backing<'a> {
    pub(crate) pool: &'a Pool,
    pub(crate) gates: &'a Gates,
    pub(crate) stay: &'a Stay,
    pub(crate) meter: Arc<RouteMeter>,
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

/// A route at its place in the table.
struct Mounted<'a> {
    route: &'a Route,
    stay: &'a Stay,
    meter: Arc<RouteMeter>,
}

impl Mounted<'_> {
    /// Adds the route's service to the table at its prefix. `/` takes the requests that no other route takes.
    fn nest<S, B>(self, table: &mut Table, service: S)
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible, Future: Send>
            + Clone
            + Send
            + Sync
            + 'static,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let Self { route, stay, meter } = self;
        let treated = |options: RouteOptions| {
            let (meter, options) = (Arc::clone(&meter), Arc::new(options.tunnels(stay.tunnels().clone())));
            ServiceBuilder::new()
                .map_request(move |mut request: Request<Body>| {
                    if let Some(journey) = request.extensions().get::<Journey>() {
                        journey.through(&meter);
                    }
                    request.extensions_mut().insert(Arc::clone(&options));
                    request
                })
                .map_response(|response: Response<B>| response.map(Body::new))
                .service(service.clone())
        };
        match route.prefix.as_str() {
            "/" => table.fallback(treated(options(route))),
            prefix => table.route(prefix, treated(options(route).nothing_left()), treated(options(route))),
        }
    }
}

/// The answer if no route matches.
pub(crate) async fn unrouted() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "Not Found\n")
}

/// The options of a route. Its requests have been checked by [`admission`](crate::admission).
fn options(route: &Route) -> RouteOptions {
    let mut options = RouteOptions::new().host(route.host).upgrades(route.upgrade.clone()).checked();
    if route.prefix != "/" {
        let prefix = HeaderValue::from_str(&route.prefix).expect("a checked prefix is visible ASCII");
        options = options.prefix(prefix);
    }
    if let Some(max_body) = route.max_body {
        options = options.max_body(max_body);
    }
    options
}
