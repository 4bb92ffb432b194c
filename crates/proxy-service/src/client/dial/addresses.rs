//! The addresses of an upstream, in the order in which they are tried.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::timeout;

use super::error::DnsError;
use crate::target::Target;

/// The most addresses that are tried. The attempt at the last of them begins after 1.75 s at the latest, well within
/// the default limit of 5 s. A dial also never holds more sockets than this, however many addresses a name has.
const MOST: usize = 8;

/// The addresses of `target`, at least one. An address that was set, or a literal one, is used as it is. A name is looked up with the system's
/// resolver (`getaddrinfo`, on tokio's blocking threads), which may take as long as `limit`.
pub(super) async fn of(target: &Target, limit: Duration) -> Result<Vec<SocketAddr>, DnsError> {
    if let Some(address) = target.address() {
        return Ok(vec![address]);
    }
    let (host, port) = (host(target), target.port());
    match host.parse::<IpAddr>() {
        Ok(address) => Ok(vec![SocketAddr::new(address, port)]),
        Err(_) => resolved(lookup_host((host, port)), limit).await,
    }
}

/// The host's name or address. An IPv6 address has no brackets here.
pub(super) fn host(target: &Target) -> &str {
    target.authority().host().trim_matches(['[', ']'])
}

async fn resolved<A>(
    lookup: impl Future<Output = io::Result<A>>,
    limit: Duration,
) -> Result<Vec<SocketAddr>, DnsError>
where
    A: Iterator<Item = SocketAddr>,
{
    let found = timeout(limit, lookup).await.map_err(|_| DnsError::TimedOut)?.map_err(DnsError::Failed)?;
    let addresses = interleaved(found);
    if addresses.is_empty() {
        return Err(DnsError::Failed(io::Error::new(io::ErrorKind::NotFound, "it has no address")));
    }
    Ok(addresses)
}

/// Alternates between IPv6 and IPv4 addresses (RFC 8305 §4), beginning with the family of the resolver's first address:
/// that is the one it prefers (RFC 6724).
fn interleaved(found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let mut found = found.peekable();
    let v6_first = found.peek().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = found.partition(|address| address.is_ipv6() == v6_first);
    let mut queues = [first.into_iter(), second.into_iter()];
    let mut addresses = Vec::with_capacity(MOST);
    while addresses.len() < MOST && queues.iter().any(|queue| queue.len() > 0) {
        addresses.extend(queues.iter_mut().filter_map(Iterator::next));
    }
    addresses.truncate(MOST);
    addresses
}

#[cfg(test)]
mod tests;
