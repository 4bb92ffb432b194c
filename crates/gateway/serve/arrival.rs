//! `Arrival`: what is known of a connection before its first request.

use std::net::SocketAddr;

use super::protocol::Protocol;
#[cfg(feature = "tls")]
use super::secured::Secured;

/// What is known of a connection before its first request.
///
/// The listener fills it in from the socket. The stages between the socket and HTTP add to it what they learn. Then the
/// connection's service is made for it.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// The client's address, or `None` if it came over a Unix socket. After a PROXY header it is the one that this tells.
    pub(crate) peer: Option<SocketAddr>,
    /// The address that it connected to. An IPv4 address is in its own form, not mapped to IPv6.
    pub(crate) local: Option<SocketAddr>,
    /// What the TLS handshake has brought. `None` without TLS.
    #[cfg(feature = "tls")]
    pub(crate) secured: Option<Secured>,
}

impl Arrival {
    /// A connection of which nothing is known but its addresses.
    pub(crate) fn between(peer: Option<SocketAddr>, local: Option<SocketAddr>) -> Self {
        Self {
            peer,
            local,
            #[cfg(feature = "tls")]
            secured: None,
        }
    }

    /// The same over TLS, without a client certificate.
    #[cfg(feature = "tls")]
    pub(crate) fn over_tls(self) -> Self {
        Self { secured: Some(Secured { certificate: None, agreed: None, version: "TLSv1.3" }), ..self }
    }

    /// The protocol that was agreed on with the client. Otherwise it is found out by what the client sends.
    pub(super) fn agreed(&self) -> Option<Protocol> {
        #[cfg(feature = "tls")]
        return self.secured.as_ref()?.agreed;
        #[cfg(not(feature = "tls"))]
        None
    }
}
