//! `Arrival`: what is known of a connection before its first request.

use std::net::SocketAddr;

/// What is known of a connection before its first request.
///
/// The listener fills it in from the socket. The stages between the socket and HTTP add to it what they learn. Then the
/// connection's service is made for it.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// The client's address, or `None` if it came over a Unix socket.
    pub(crate) peer: Option<SocketAddr>,
    /// The address that it connected to. An IPv4 address is in its own form, not mapped to IPv6.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the stages that are to come"))]
    pub(crate) local: Option<SocketAddr>,
}
