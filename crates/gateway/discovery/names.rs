//! An upstream that is a name: an endpoint at each of its addresses.

use std::net::SocketAddr;

use proxy_service::Target;

use super::addresses::Addresses;
use super::found::Found;
use super::looked::Looked;
use super::resolver::Resolver;

/// Looks up the addresses of a target's host.
#[derive(Debug)]
pub(super) struct Names {
    target: Target,
    resolver: Resolver,
    addresses: Addresses,
}

impl Names {
    pub(super) fn of(target: Target, resolver: Resolver) -> Self {
        Self { target, resolver, addresses: Addresses::default() }
    }

    pub(super) async fn look_up(&mut self) -> Looked {
        self.addresses.look_up(self.target.authority().host(), &self.resolver).await
    }

    pub(super) fn found(&self) -> Option<Vec<Found>> {
        let at = |ip| Found::new(self.target.clone().at(SocketAddr::new(ip, self.target.port())));
        (!self.addresses.is_empty()).then(|| self.addresses.used().into_iter().map(at).collect())
    }
}
