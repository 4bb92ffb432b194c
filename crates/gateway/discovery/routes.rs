//! Which addresses this machine has a route to.

use std::net::{IpAddr, Ipv6Addr, UdpSocket};

/// Leaves out IPv6 addresses that nothing can be sent to from here, as `getaddrinfo` does it (RFC 6724 section 6, rule
/// 1). If that goes for all addresses, they are all kept: then connecting fails, and says why.
pub(super) fn only_routed(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let routed: Vec<_> = addresses.iter().copied().filter(|ip| has_route(*ip)).collect();
    if routed.is_empty() { addresses } else { routed }
}

/// Connecting a UDP socket looks the route up, and sends nothing.
fn has_route(ip: IpAddr) -> bool {
    const DISCARD: u16 = 9;
    let IpAddr::V6(ip) = ip else { return true };
    UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).is_ok_and(|socket| socket.connect((ip, DISCARD)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_route_is_left_out_unless_nothing_else_is_there() {
        let here: IpAddr = "127.0.0.1".parse().unwrap();
        // A multicast address of a scope that doesn't exist: nobody has a route to it.
        let nowhere: IpAddr = "::ffff:0:0:1".parse().unwrap();
        assert_eq!(only_routed(vec![here]), [here]);
        assert_eq!(only_routed(vec![nowhere]), [nowhere]);
    }
}
