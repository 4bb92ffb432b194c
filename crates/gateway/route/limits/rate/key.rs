//! Whose requests are counted together.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use admin_auth::Accepted;
use axum::http::HeaderValue;
use axum::http::request::Parts;

use crate::config::RateKey;
use crate::cookies;
use crate::peer;
use crate::route::entered::Entered;

/// Who sent a request, as a limit sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who<'a> {
    /// Everyone.
    All,
    /// A client over a Unix socket that no proxy speaks for. They are all one.
    Unknown,
    V4(u32),
    /// The first 64 bits of the address: a host may use any address of its network.
    V6(u64),
    User(&'a [u8]),
    Value(&'a [u8]),
}

impl<'a> Who<'a> {
    /// Who sent this request. If it doesn't say so, or says nothing, the client's address does.
    pub(super) fn sent(parts: &'a Parts, key: &RateKey) -> Self {
        let named = match key {
            RateKey::Route => return Self::All,
            RateKey::Client => None,
            RateKey::Token => user(parts).map(|user| Self::User(user.as_bytes())),
            RateKey::Header(name) => value(parts.headers.get(name).map(HeaderValue::as_bytes)),
            RateKey::Cookie(name) => value(cookies::find(&parts.headers, name)),
        };
        named.unwrap_or_else(|| peer::client_ip(&parts.extensions).map_or(Self::Unknown, Self::at))
    }

    fn at(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            IpAddr::V6(address) => Self::V6((address.to_bits() >> 64) as u64),
        }
    }

    /// Its hash, by which it is known in this process.
    pub(super) fn hashed_by(self, random: &RandomState) -> u64 {
        random.hash_one(self)
    }

    /// Its bytes, by which it is known in all gateways. The first one says of which kind it is.
    #[cfg(feature = "redis")]
    pub(super) fn feed(self, mut feed: impl FnMut(&[u8])) {
        match self {
            Self::All => feed(b"a"),
            Self::Unknown => feed(b"?"),
            Self::V4(address) => [&b"4"[..], &address.to_be_bytes()].into_iter().for_each(feed),
            Self::V6(network) => [&b"6"[..], &network.to_be_bytes()].into_iter().for_each(feed),
            Self::User(name) => [&b"u"[..], name].into_iter().for_each(feed),
            Self::Value(value) => [&b"v"[..], value].into_iter().for_each(feed),
        }
    }
}

fn value(sent: Option<&[u8]>) -> Option<Who<'_>> {
    sent.filter(|value| !value.is_empty()).map(Who::Value)
}

/// The user whom a gate of the route has let in.
fn user(parts: &Parts) -> Option<&str> {
    let entered = parts.extensions.get::<Entered>().map(Entered::who);
    entered.or_else(|| parts.extensions.get::<Accepted>().map(Accepted::label))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use proxy_service::Peer;

    use super::*;

    fn parts(address: &str, fields: &[(&str, &str)]) -> Parts {
        let mut request = Request::get("/");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(Peer::new(format!("{address}:1").parse().unwrap()));
        parts
    }

    #[test]
    fn addresses_are_counted_by_ipv4_address_and_ipv6_network() {
        let same = |one: &str, other: &str| {
            let (one, other) = (parts(one, &[]), parts(other, &[]));
            Who::sent(&one, &RateKey::Client) == Who::sent(&other, &RateKey::Client)
        };
        assert!(same("192.0.2.1", "[::ffff:192.0.2.1]"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
        assert!(same("[2001:db8:1:2::1]", "[2001:db8:1:2:ffff::9]"));
        assert!(!same("[2001:db8:1:2::1]", "[2001:db8:1:3::1]"));
    }

    #[test]
    fn a_request_without_the_field_counts_for_its_address() {
        let with = parts("192.0.2.1", &[("x-key", "a"), ("cookie", "id=b")]);
        let (without, empty) =
            (parts("192.0.2.1", &[]), parts("192.0.2.1", &[("x-key", ""), ("cookie", "id=")]));
        let address = Who::V4(0xc000_0201);
        for (key, who) in [
            (RateKey::Client, address),
            (RateKey::Route, Who::All),
            (RateKey::Token, address),
            (RateKey::Header("x-key".parse().unwrap()), Who::Value(b"a")),
            (RateKey::Cookie("id".to_owned()), Who::Value(b"b")),
        ] {
            assert_eq!(Who::sent(&with, &key), who, "{key:?}");
            let otherwise = if key == RateKey::Route { Who::All } else { address };
            assert_eq!(Who::sent(&without, &key), otherwise, "{key:?}");
            assert_eq!(Who::sent(&empty, &key), otherwise, "{key:?}, empty");
        }
    }

    #[test]
    fn a_user_is_who_the_innermost_gate_says() {
        let mut parts = parts("192.0.2.1", &[]);
        parts.extensions.insert(Entered::new("jwt:ann"));
        assert_eq!(Who::sent(&parts, &RateKey::Token), Who::User(b"jwt:ann"));
        assert_eq!(Who::sent(&parts, &RateKey::Client), Who::V4(0xc000_0201));
    }
}
