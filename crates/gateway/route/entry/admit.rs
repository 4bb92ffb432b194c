//! Puts the guards of a route around what it does.

use axum::body::Body;
use axum::http::Response;
use tower::ServiceBuilder;

use super::addresses::Addresses;
use super::body::EntryBody;
use super::guard::Guard;
use super::layer::GuardLayer;
use crate::config::Route;
use crate::route::backing::{Backing, Purpose};
use crate::route::chain::Chain;

/// Those that ask for credentials. In a rehearsal nobody is asked: whoever else is let in, the other service lets in too.
pub(crate) fn by_credentials(mut chain: Chain, route: &Route, backing: &Backing<'_>) -> Chain {
    let Some(standing) = backing.gates.guards().of_route(&route.name) else { return chain };
    if let (Some(forward), Purpose::Serving) = (&standing.forward, backing.purpose) {
        chain = guarded(chain, &forward.layer);
    }
    if let Some(basic) = &standing.basic {
        chain = guarded(chain, &basic.layer);
    }
    #[cfg(feature = "jwt")]
    if let Some(jwt) = &standing.jwt {
        chain = guarded(chain, &jwt.layer);
    }
    chain
}

/// The one that asks for an address.
pub(crate) fn by_address(chain: Chain, route: &Route) -> Chain {
    let (allow, deny) = (&route.entry.allow, &route.entry.deny);
    if allow.is_empty() && deny.is_empty() {
        return chain;
    }
    let addresses = Addresses::new().deny(deny.iter().copied());
    let addresses = if allow.is_empty() { addresses } else { addresses.allow(allow.iter().copied()) };
    guarded(chain, &GuardLayer::new(addresses))
}

fn guarded<G: Guard>(chain: Chain, layer: &GuardLayer<G>) -> Chain {
    let boxed =
        ServiceBuilder::new().map_response(|response: Response<EntryBody<Body>>| response.map(Body::new));
    chain.layer(boxed.layer(layer.clone()).into_inner())
}
