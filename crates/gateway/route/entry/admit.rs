//! Puts the guards of a route around what it does.

use std::sync::Arc;

use super::addresses::Addresses;
use super::any::AnyOf;
use super::guard::Guard;
use super::layer::GuardLayer;
use crate::config::{Entry, Route, Satisfy};
use crate::route::backing::{Backing, Purpose};
use crate::route::chain::Chain;
use crate::route::headers;

/// Those that ask for credentials. In a rehearsal nobody is asked: whoever else is let in, the other service lets in too,
/// and any token is valid whose keys would have to be fetched.
pub(crate) fn by_credentials(chain: Chain, route: &Route, backing: &Backing<'_>) -> Chain {
    let Some(standing) = backing.gates.guards().of_route(&route.name) else { return chain };
    // An upstream may take a field of the trailers for one of the head.
    let chain = headers::kept_from_trailers(chain, route.entry.identity_fields());
    match (route.entry.satisfy, backing.purpose) {
        (Satisfy::All, Purpose::Serving) => all(chain, standing.knowing().chain(standing.asking())),
        (Satisfy::All, Purpose::Rehearsing) => all(chain, standing.rehearsed()),
        (Satisfy::Any, Purpose::Rehearsing) if standing.asking().is_some() => chain,
        (Satisfy::Any, Purpose::Rehearsing) => any(chain, &route.entry, standing.rehearsed()),
        (Satisfy::Any, Purpose::Serving) => {
            any(chain, &route.entry, standing.knowing().chain(standing.asking()))
        }
    }
}

/// A request passes the first of them first.
fn all(chain: Chain, guards: impl Iterator<Item = Arc<dyn Guard>>) -> Chain {
    let inside_out = guards.collect::<Vec<_>>().into_iter().rev();
    inside_out.fold(chain, |chain, guard| chain.layer(GuardLayer::shared(guard)))
}

fn any(chain: Chain, entry: &Entry, guards: impl Iterator<Item = Arc<dyn Guard>>) -> Chain {
    let by_address = Addresses::new().allow(entry.allow.iter().copied());
    let by_address = (!entry.allow.is_empty()).then(|| Arc::new(by_address) as Arc<dyn Guard>);
    let mut guards = by_address.into_iter().chain(guards).peekable();
    match guards.peek() {
        None => chain,
        Some(_) => chain.layer(GuardLayer::new(guards.fold(AnyOf::new(), AnyOf::or_shared))),
    }
}

/// The one that asks for an address. If one guard of several is enough, `allow` is one of those.
pub(crate) fn by_address(chain: Chain, route: &Route) -> Chain {
    let Entry { allow, deny, satisfy, .. } = &route.entry;
    let is_asked = *satisfy == Satisfy::All && !allow.is_empty();
    if !is_asked && deny.is_empty() {
        return chain;
    }
    let addresses = Addresses::new().deny(deny.iter().copied());
    let addresses = if is_asked { addresses.allow(allow.iter().copied()) } else { addresses };
    chain.layer(GuardLayer::new(addresses))
}
