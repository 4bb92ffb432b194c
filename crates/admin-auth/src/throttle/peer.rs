use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whose tries count together: one IPv4 address, or one IPv6 /64, since an IPv6 host may use any address of its /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Peer {
    V4(Ipv4Addr),
    V6(u64),
}

impl From<IpAddr> for Peer {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => Self::V6(prefix64(address)),
        }
    }
}

fn prefix64(address: Ipv6Addr) -> u64 {
    (address.to_bits() >> 64) as u64
}
