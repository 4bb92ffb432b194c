use std::fmt;
use std::net::IpAddr;

use http::Extensions;
use http::request::Parts;
use ipnet::{IpNet, Ipv4Net};

use super::guard::{Granted, Guard, Verdict};
use super::rejection::{Rejection, RejectionKind};
use crate::peer;

/// Finds the address of a client in the extensions of its request.
pub(super) type AddressOf = dyn Fn(&Extensions) -> Option<IpAddr> + Send + Sync;

/// Lets in clients by their addresses.
///
/// A client in one of the networks of [`deny`](Self::deny) is refused. If there are networks in [`allow`](Self::allow),
/// so is a client in none of them. What has no address, such as a client of a Unix socket, is in no network.
///
/// ```
/// use gateway::route::entry::{Addresses, GuardLayer};
///
/// let ours = Addresses::new().allow(["10.0.0.0/8".parse()?]).deny(["10.0.9.0/24".parse()?]);
/// let layer = GuardLayer::new(ours);
/// # Ok::<(), ipnet::AddrParseError>(())
/// ```
pub struct Addresses {
    allow: Option<Networks>,
    deny: Networks,
    address_of: Box<AddressOf>,
}

impl Addresses {
    /// Lets everyone in. The address is that of the client that a trusted proxy names, or else that of the
    /// [`Peer`](proxy_service::Peer).
    #[must_use]
    pub fn new() -> Self {
        Self { allow: None, deny: Networks::default(), address_of: Box::new(peer::client_ip) }
    }

    /// Lets in only clients in these networks.
    #[must_use]
    pub fn allow(self, networks: impl IntoIterator<Item = IpNet>) -> Self {
        Self { allow: Some(networks.into_iter().collect()), ..self }
    }

    /// Keeps out clients in these networks.
    #[must_use]
    pub fn deny(self, networks: impl IntoIterator<Item = IpNet>) -> Self {
        Self { deny: networks.into_iter().collect(), ..self }
    }

    /// Sets where the client's address is found. It must be one that a client can't choose.
    #[must_use]
    pub fn found_by(self, find: impl Fn(&Extensions) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        Self { address_of: Box::new(find), ..self }
    }

    fn let_in(&self, address: Option<IpAddr>) -> bool {
        let address =
            address.map(|address| address.to_canonical()).filter(|address| !address.is_unspecified());
        let is_in = |networks: &Networks| address.is_some_and(|address| networks.contain(address));
        !is_in(&self.deny) && self.allow.as_ref().is_none_or(is_in)
    }
}

impl Guard for Addresses {
    fn examine(&self, head: &mut Parts) -> Verdict {
        match self.let_in((self.address_of)(&head.extensions)) {
            true => Granted::default().into(),
            false => Rejection::new(RejectionKind::Address).into(),
        }
    }
}

impl Default for Addresses {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Addresses")
            .field("allow", &self.allow)
            .field("deny", &self.deny)
            .finish_non_exhaustive()
    }
}

/// Networks of which none is in another one, in order.
#[derive(Debug, Default)]
struct Networks(Vec<IpNet>);

impl Networks {
    /// It takes as many steps as the logarithm of their number.
    fn contain(&self, address: IpAddr) -> bool {
        let after = self.0.partition_point(|network| network.network() <= address);
        after.checked_sub(1).and_then(|last| self.0.get(last)).is_some_and(|last| last.contains(&address))
    }
}

impl FromIterator<IpNet> for Networks {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        let mut apart = IpNet::aggregate(&networks.into_iter().map(canonical).collect());
        apart.sort_by_key(IpNet::network);
        Self(apart)
    }
}

/// An IPv4 network that is written as IPv6 (RFC 4291 §2.5.5.2) is one of IPv4: so are addresses that are looked for.
fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else { return network };
    let mapped = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96));
    mapped.and_then(|(v4, length)| Ipv4Net::new(v4, length).ok()).map_or(network, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn networks(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn lets_in(rules: &Addresses, address: &str) -> bool {
        rules.let_in(address.parse().ok())
    }

    #[test]
    fn deny_wins_over_allow_and_who_is_in_neither_is_out() {
        let rules = Addresses::new()
            .allow(networks(&["10.0.0.0/8", "2001:db8::/32"]))
            .deny(networks(&["10.1.0.0/16", "2001:db8:1::/48"]));
        for (address, is_in) in [
            ("10.0.0.1", true),
            ("::ffff:10.0.0.1", true),
            ("10.1.2.3", false),
            ("11.0.0.1", false),
            ("9.255.255.255", false),
            ("2001:db8::1", true),
            ("2001:db8:1::1", false),
            ("::1", false),
            ("0.0.0.0", false),
            ("no address", false),
        ] {
            assert_eq!(lets_in(&rules, address), is_in, "{address}");
        }
    }

    #[test]
    fn without_allow_all_others_are_in() {
        let rules = Addresses::new().deny(networks(&["192.0.2.0/24"]));
        for (address, is_in) in
            [("192.0.2.9", false), ("192.0.3.9", true), ("::1", true), ("no address", true)]
        {
            assert_eq!(lets_in(&rules, address), is_in, "{address}");
        }
        let mapped = Addresses::new().deny(networks(&["::ffff:192.0.2.0/120"]));
        assert!(!lets_in(&mapped, "192.0.2.9") && !lets_in(&mapped, "::ffff:192.0.2.9"));
        assert!(!lets_in(&Addresses::new().allow(networks(&["0.0.0.0/0"])), "no address"));
        assert!(!lets_in(&Addresses::new().allow([]), "10.0.0.1"));
    }

    proptest! {
        #[test]
        fn the_search_finds_what_a_walk_finds(
            networks in proptest::collection::vec((any::<[u8; 4]>(), 0_u8..=32), 0..20),
            address: [u8; 4],
        ) {
            let all: Vec<IpNet> =
                networks.into_iter().map(|(ip, len)| IpNet::new(IpAddr::from(ip), len).unwrap().trunc()).collect();
            let address = IpAddr::from(address);
            let walked = all.iter().any(|network| network.contains(&address));
            let edges = all.iter().flat_map(|network| [network.network(), network.broadcast()]);
            let compiled: Networks = all.iter().copied().collect();
            prop_assert_eq!(compiled.contain(address), walked);
            for edge in edges {
                prop_assert!(compiled.contain(edge), "{edge}");
            }
        }
    }
}
