//! Puts a route's layers around what it does, and puts it into the table.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode};
use proxy_service::RouteOptions;
use tower::ServiceBuilder;

use super::action::action;
use super::answers;
use super::around_pools::around_pools;
use super::backing::Backing;
use super::chain::Chain;
use super::entry;
use super::limits;
use super::matching::Rule;
use super::{headers, rewrite};
use crate::config::{Action, Route, is_claim};
use crate::gates;
use crate::observe::Journey;
use crate::table::{self, Mounted, Target};

/// Makes a route's service, from the inside outwards, and puts it at its place.
pub(crate) fn mount(table: &mut table::Builder, route: &Route, backing: &Backing<'_>) {
    let Some(chain) = action(route, backing) else { return };
    let chain = around_pools(chain, route, backing);
    let chain = headers::on_requests(chain, &route.headers);
    let chain = rewrite::rewritten(chain, route, options(route, backing));
    let chain = limits::before_upstream(chain, route, backing);
    let chain = headers::on_trailers(chain, &route.headers);
    let chain = limits::by_user(chain, route, backing);
    let chain = entry::by_credentials(chain, route, backing);
    let chain = gate(chain, route, backing);
    let chain = limits::by_sender(chain, route, backing);
    let chain = entry::by_address(chain, route);
    let chain = limits::in_time(chain, backing.deadline);
    let chain = answers::with_cors(chain, &route.answers);
    let chain = answers::with_errors(chain, &route.answers, backing.errors);
    let chain = answers::compressed(chain, &route.answers);
    let chain = answers::with_security_headers(chain, &route.answers);
    let chain = headers::on_answers(chain, &route.headers);
    let treated = |options: RouteOptions| treated(chain.clone(), options, backing);
    let (exactly, below) = match prefix(route) {
        Some(prefix) => {
            let prefix = HeaderValue::from_str(prefix).expect("a checked prefix is visible ASCII");
            let below = options(route, backing).prefix(prefix);
            (treated(below.clone().nothing_left()), treated(below))
        }
        None => {
            let whole = treated(options(route, backing));
            (whole.clone(), whole)
        }
    };
    let mounted = Mounted { name: route.name.as_str().into(), exactly, below, target: target(route) };
    let rule = Rule::new(route.matching.clone(), mounted);
    table.route(if route.is_gated() { rule.gated() } else { rule });
}

/// What its layers get to see: the target as it came too, if they use its names, ask a service about it, or link to it.
fn target(route: &Route) -> Target {
    let is_linked = matches!(route.action, Action::Files(_) | Action::Redirect(_));
    let is_asked_about = route.entry.forward_auth.is_some();
    match is_linked || is_asked_about || route.names_targets() {
        true => Target::WithOriginal,
        false => Target::Rest,
    }
}

/// The prefix that is taken off the paths of its requests.
fn prefix(route: &Route) -> Option<&str> {
    route.matching.prefix().filter(|prefix| *prefix != "/")
}

fn gate(chain: Chain, route: &Route, backing: &Backing<'_>) -> Chain {
    let Some(gate) = backing.gates.of_route(&route.name) else { return chain };
    chain.layer(ServiceBuilder::new().map_response(gates::explained).layer(gate.clone()).into_inner())
}

/// Tells each request how the route treats it, and its record which route it is.
fn treated(chain: Chain, options: RouteOptions, backing: &Backing<'_>) -> Chain {
    let meter = Arc::clone(&backing.meter);
    let options = Arc::new(options);
    chain.map_request(move |request: &mut Request<Body>| {
        if let Some(journey) = request.extensions().get::<Journey>() {
            journey.through(&meter);
        }
        request.extensions_mut().insert(Arc::clone(&options));
    })
}

/// The answer if no route matches.
pub(crate) async fn unrouted() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "Not Found\n")
}

/// The options of a route, but for its prefix. Its requests have been checked by [`admission`](crate::admission), unless
/// it makes other paths of theirs.
fn options(route: &Route, backing: &Backing<'_>) -> RouteOptions {
    let own_claims = route.headers.request.set.iter().map(|(name, _)| name).filter(|name| is_claim(name));
    let mut options = RouteOptions::new()
        .host(route.rewrite.host.clone())
        .upgrades(route.upgrade.clone())
        .map_back(route.headers.map_back)
        .forwarded_headers(backing.forwarded)
        .own_claims(own_claims.cloned())
        .tunnels(backing.stay.tunnels().clone());
    if !route.rewrite.makes_paths() {
        options = options.checked();
    }
    limits::treated(options, &route.limits)
}
