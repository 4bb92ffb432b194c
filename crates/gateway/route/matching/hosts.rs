//! The hosts of all routes, looked up once for a request.

use std::net::Ipv6Addr;

use http::Request;
use http::header::HOST;

use crate::config::{HostPattern, LONGEST_HOST};
use crate::route::host::without_port;

/// The number of a host pattern.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HostId(u32);

impl HostId {
    /// That of routes that take every host.
    pub(super) const ANY: Self = Self(0);
}

/// All host patterns. A request's host is known by the number of the narrowest pattern that it fits, and each pattern
/// knows the next wider one: so a request is compared with the hosts of routes by their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Hosts {
    /// Sorted, as are the next two.
    names: Vec<(Box<str>, HostId)>,
    addresses: Vec<(Ipv6Addr, HostId)>,
    domains: Vec<(Box<str>, HostId)>,
    /// By number: the narrowest of the wider ones.
    wider: Vec<HostId>,
}

impl Hosts {
    pub(super) fn of<'a>(patterns: impl Iterator<Item = &'a HostPattern>) -> Self {
        let mut patterns: Vec<_> = patterns.collect();
        patterns.sort_unstable();
        patterns.dedup();
        let mut hosts = Self { wider: vec![HostId::ANY; patterns.len() + 1], ..Self::default() };
        for (number, pattern) in (1..).zip(&patterns) {
            match pattern {
                HostPattern::Name(name) => hosts.names.push((name.clone(), HostId(number))),
                HostPattern::Address(address) => hosts.addresses.push((*address, HostId(number))),
                HostPattern::Below(domain) => hosts.domains.push((domain.clone(), HostId(number))),
            }
        }
        let named = hosts.names.iter().chain(&hosts.domains);
        let wider: Vec<_> = named.map(|(name, id)| (*id, hosts.domain_above(name.as_bytes()))).collect();
        for (HostId(number), wider) in wider {
            if let Some(slot) = hosts.wider.get_mut(number as usize) {
                *slot = wider;
            }
        }
        hosts
    }

    /// The number of a pattern.
    pub(super) fn id(&self, pattern: &HostPattern) -> Option<HostId> {
        match pattern {
            HostPattern::Name(name) => found(&self.names, name.as_bytes()),
            HostPattern::Below(domain) => found(&self.domains, domain.as_bytes()),
            HostPattern::Address(address) => self.address(*address),
        }
    }

    /// The narrowest pattern that the request's host fits.
    pub(super) fn narrowest<B>(&self, request: &Request<B>) -> HostId {
        self.asked(request).map_or(HostId::ANY, |host| self.of_host(host))
    }

    /// The request's host without its port. `None` if it has none, or if there are no patterns.
    pub(super) fn asked<'r, B>(&self, request: &'r Request<B>) -> Option<&'r [u8]> {
        if self.wider.len() <= 1 {
            return None;
        }
        let field = request.headers().get(HOST).map(|host| without_port(host.as_bytes()));
        field.or_else(|| request.uri().authority().map(|authority| authority.host().as_bytes()))
    }

    /// The narrowest pattern that a host fits.
    pub(super) fn of_host(&self, host: &[u8]) -> HostId {
        if let Some(address) = host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")) {
            let address = std::str::from_utf8(address).ok().and_then(|address| address.parse().ok());
            return address.and_then(|address| self.address(address)).unwrap_or_default();
        }
        let host = host.strip_suffix(b".").unwrap_or(host);
        if host.len() > LONGEST_HOST {
            return HostId::ANY;
        }
        found(&self.names, host).unwrap_or_else(|| self.domain_above(host))
    }

    /// This pattern and all wider ones, the narrowest first.
    pub(super) fn widening(&self, narrowest: HostId) -> impl Iterator<Item = HostId> {
        std::iter::successors(Some(narrowest), |id| {
            if *id == HostId::ANY { None } else { self.wider.get(id.0 as usize).copied() }
        })
    }

    /// The longest domain that a name is below.
    fn domain_above(&self, name: &[u8]) -> HostId {
        let dots = name.iter().enumerate().filter(|(_, byte)| **byte == b'.');
        let mut above = dots.filter_map(|(dot, _)| found(&self.domains, name.get(dot + 1..)?));
        above.next().unwrap_or_default()
    }

    fn address(&self, address: Ipv6Addr) -> Option<HostId> {
        let index = self.addresses.binary_search_by_key(&address, |(address, _)| *address).ok()?;
        self.addresses.get(index).map(|(_, id)| *id)
    }
}

/// Finds a name, whose letters may be in any case.
fn found(names: &[(Box<str>, HostId)], name: &[u8]) -> Option<HostId> {
    let folded = || name.iter().map(u8::to_ascii_lowercase);
    let index = names.binary_search_by(|(other, _)| other.bytes().cmp(folded())).ok()?;
    names.get(index).map(|(_, id)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_in_every_spelling() {
        let patterns = ["a.example", "*.example", "*.b.example", "[2001:db8::1]", "192.0.2.1"];
        let patterns = patterns.map(|pattern| pattern.parse::<HostPattern>().unwrap());
        let hosts = Hosts::of(patterns.iter());
        for (host, expected) in [
            ("a.example", &["a.example", "*.example"][..]),
            ("A.Example.:8080", &["a.example", "*.example"]),
            ("x.y.B.example", &["*.b.example", "*.example"]),
            ("b.example", &["*.example"]),
            ("example", &[]),
            (".example", &["*.example"]),
            ("aexample", &[]),
            ("[2001:DB8:0::1]:443", &["[2001:db8::1]"]),
            ("[2001:db8::2]", &[]),
            ("[", &[]),
            ("192.0.2.1:80", &["192.0.2.1"]),
            ("", &[]),
            ("a.example..", &[]),
            (&format!("{}.example", "a.".repeat(200)), &[]),
        ] {
            for request in [
                Request::get("/").header("host", host).body(()),
                Request::get(format!("http://{host}/")).body(()),
            ] {
                let Ok(request) = request else { continue };
                let ids: Vec<_> = hosts.widening(hosts.narrowest(&request)).collect();
                let mut expected: Vec<_> =
                    expected.iter().map(|pattern| hosts.id(&pattern.parse().unwrap()).unwrap()).collect();
                expected.push(HostId::ANY);
                assert_eq!(ids, expected, "{host}");
            }
        }
    }
}
