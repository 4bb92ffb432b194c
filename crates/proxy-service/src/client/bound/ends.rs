//! Between which addresses a client's connection is.

use std::net::SocketAddr;

/// The two ends of a client's connection, as the PROXY protocol tells them to an upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ends {
    /// From where the client connected.
    pub client: SocketAddr,
    /// Where it connected to.
    pub server: SocketAddr,
}

impl Ends {
    /// The ends of a connection from `client` to `server`.
    pub fn new(client: SocketAddr, server: SocketAddr) -> Self {
        Self { client, server }
    }
}
