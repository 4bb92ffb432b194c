//! `listen`: where the gateway listens, and what each listener does.

use std::net::SocketAddr;

use super::address::Address;

/// A listener.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listen {
    /// Where it listens.
    pub address: Address,
}

impl From<Address> for Listen {
    fn from(address: Address) -> Self {
        Self { address }
    }
}

impl From<SocketAddr> for Listen {
    fn from(address: SocketAddr) -> Self {
        Address::from(address).into()
    }
}
