//! `X-Forwarded-*` and `Forwarded` (RFC 7239): who the client is. What a client claims is dropped, unless the peer is
//! trusted.

mod hop;
pub(crate) mod names;
pub(crate) mod outer;
mod rfc7239;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::BytesMut;
use http::header::{Entry, FORWARDED, HeaderMap, HeaderName, HeaderValue};
use http::uri::Scheme;

use crate::peer::Peer;
use hop::parse_hop;
use names::{X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PREFIX, X_FORWARDED_PROTO};
use outer::without_slashes_at_end;

/// Which peers are proxies of yours. What they say of the client is kept and added to.
///
/// The default trusts no peer: `X-Forwarded-*`, `X-Real-IP` and `Forwarded` are dropped, whoever sends them.
#[derive(Clone, Default)]
pub struct TrustedPeers(Option<Arc<dyn Fn(IpAddr) -> bool + Send + Sync>>);

impl TrustedPeers {
    /// Trusts the peers for whose address `trusts` returns true. It is called for each request, so it should be
    /// quick.
    pub fn new(trusts: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(trusts)))
    }

    /// Whether a peer with this address is trusted.
    pub fn contains(&self, ip: IpAddr) -> bool {
        self.0.as_ref().is_some_and(|trusts| trusts(ip.to_canonical()))
    }

    /// Finds the client's own address: the last one in `X-Forwarded-For` that is not a trusted peer's. It begins with
    /// the peer of the connection, then reads the header from right to left, and stops at what is no address.
    pub fn client_ip(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let mut hops = headers
            .get_all(&X_FORWARDED_FOR)
            .iter()
            .rev()
            .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','))
            .map(parse_hop);
        while self.contains(client) {
            match hops.next() {
                Some(Some(hop)) => client = hop,
                Some(None) | None => break,
            }
        }
        client
    }
}

impl fmt::Debug for TrustedPeers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "TrustedPeers(..)" } else { "TrustedPeers(none)" })
    }
}

/// In which headers an upstream is told who the client is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeaders {
    /// `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto`.
    #[default]
    XForwarded,
    /// `Forwarded` (RFC 7239), and none of those three. What a trusted peer says in them is put into `Forwarded`.
    Rfc7239,
    /// All of them.
    Both,
}

/// What the upstream is told of the client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forwarding {
    pub(crate) trusted: TrustedPeers,
    pub(crate) headers: ForwardedHeaders,
}

/// What becomes of what the peer says of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claims {
    /// It is dropped, because the peer isn't trusted.
    Dropped,
    /// It is kept and added to.
    Kept,
}

impl Forwarding {
    pub(crate) fn claims_of(&self, peer: Option<&Peer>) -> Claims {
        let is_named = |peer: &Peer| !peer.is_unknown() && self.trusted.contains(peer.ip());
        let is_trusted = peer.is_some_and(|peer| peer.is_trusted() || is_named(peer));
        if is_trusted { Claims::Kept } else { Claims::Dropped }
    }
}

/// Adds what is known of the client. If the peer isn't trusted, the caller has removed its claims from `headers`.
pub(crate) fn rewrite(
    headers: &mut HeaderMap,
    peer: Option<&Peer>,
    prefix: Option<HeaderValue>,
    host: Option<&HeaderValue>,
    (claims, which): (Claims, ForwardedHeaders),
) {
    if which != ForwardedHeaders::XForwarded
        && let Some(forwarded) = peer.and_then(|peer| rfc7239::value(headers, peer, host))
    {
        headers.insert(FORWARDED, forwarded);
    }
    if which == ForwardedHeaders::Rfc7239 {
        for name in [&X_FORWARDED_FOR, &X_FORWARDED_HOST, &X_FORWARDED_PROTO] {
            headers.remove(name);
        }
    } else {
        claims.tell(headers, peer, host);
    }
    if let Some(prefix) = prefix {
        claims.set_below(headers, &X_FORWARDED_PREFIX, prefix);
    }
}

impl Claims {
    fn tell(self, headers: &mut HeaderMap, peer: Option<&Peer>, host: Option<&HeaderValue>) {
        if let Some(peer) = peer {
            self.append(headers, &X_FORWARDED_FOR, peer.ip_value().clone());
            let proto = if *peer.scheme() == Scheme::HTTPS { "https" } else { "http" };
            self.set(headers, &X_FORWARDED_PROTO, HeaderValue::from_static(proto));
        }
        if let Some(host) = host {
            self.set(headers, &X_FORWARDED_HOST, host.clone());
        }
    }

    /// Appends to a list.
    fn append(self, headers: &mut HeaderMap, name: &HeaderName, last: HeaderValue) {
        match self {
            Self::Dropped => drop(headers.append(name, last)),
            Self::Kept => append(headers, name, &last),
        }
    }

    /// Sets what the peer has not set.
    fn set(self, headers: &mut HeaderMap, name: &HeaderName, value: HeaderValue) {
        match self {
            Self::Dropped => drop(headers.append(name, value)),
            Self::Kept => drop(headers.entry(name).or_insert(value)),
        }
    }

    /// Sets a path. A path that the peer has set comes before it.
    fn set_below(self, headers: &mut HeaderMap, name: &HeaderName, path: HeaderValue) {
        match self {
            Self::Dropped => drop(headers.append(name, path)),
            Self::Kept => {
                let outer = headers.get(name).map(|outer| without_slashes_at_end(outer.as_bytes()));
                let whole = outer.and_then(|outer| joined([outer], b"", &path)).unwrap_or(path);
                headers.insert(name, whole);
            }
        }
    }
}

/// Appends to a list, and makes one line of it.
fn append(headers: &mut HeaderMap, name: &HeaderName, last: &HeaderValue) {
    match headers.entry(name) {
        Entry::Vacant(place) => {
            place.insert(last.clone());
        }
        Entry::Occupied(mut lines) => {
            let list = joined(lines.iter().map(HeaderValue::as_bytes), b", ", last);
            lines.insert(list.unwrap_or_else(|| last.clone()));
        }
    }
}

fn joined<'a>(
    before: impl IntoIterator<Item = &'a [u8]>,
    separator: &[u8],
    last: &HeaderValue,
) -> Option<HeaderValue> {
    let mut list = BytesMut::new();
    for value in before {
        list.extend_from_slice(value);
        list.extend_from_slice(separator);
    }
    list.extend_from_slice(last.as_bytes());
    HeaderValue::from_maybe_shared(list.freeze()).ok()
}

#[cfg(test)]
mod tests;
