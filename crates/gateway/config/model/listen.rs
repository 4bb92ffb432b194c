//! `listen`: where the gateway listens, and what each listener does.

use std::net::SocketAddr;

use super::address::Address;
#[cfg(feature = "tls")]
use super::listen_tls::ListenTls;

/// A listener.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listen {
    /// Where it listens.
    pub address: Address,
    /// Whether each connection has to begin with a header of the PROXY protocol, version 1 or 2, from a peer in
    /// [`Config::trusted_proxies`](crate::config::Config::trusted_proxies) or over a Unix socket. The client is the one
    /// that it names; a connection without it is closed. Default: `false`.
    pub proxy_protocol: bool,
    /// Where it redirects all requests. Default: `None`, it serves them.
    pub redirect: Option<Redirect>,
    /// How it speaks TLS. Default: `None`, plain HTTP.
    #[cfg(feature = "tls")]
    pub tls: Option<ListenTls>,
}

/// A redirect to the same resource over HTTPS (308).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The port there. The default one of HTTPS, 443, isn't written.
    pub port: u16,
}

impl Listen {
    /// Whether another listener does the same at the same address, but for how it speaks TLS.
    pub(crate) fn serves_as(&self, other: &Self) -> bool {
        self.address == other.address
            && self.proxy_protocol == other.proxy_protocol
            && self.redirect == other.redirect
    }

    /// Whether it speaks TLS.
    pub fn is_secured(&self) -> bool {
        #[cfg(feature = "tls")]
        return self.tls.is_some();
        #[cfg(not(feature = "tls"))]
        false
    }
}

impl From<Address> for Listen {
    fn from(address: Address) -> Self {
        Self {
            address,
            proxy_protocol: false,
            redirect: None,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

impl From<SocketAddr> for Listen {
    fn from(address: SocketAddr) -> Self {
        Address::from(address).into()
    }
}
