//! TLS to a pool's upstreams.

use std::fmt;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;

/// What the gateway shows and asks for in TLS handshakes with the upstreams of a pool.
#[derive(Clone)]
pub struct Tls {
    /// Whom it trusts: those whom an authority has signed (default: Mozilla's), one certificate, or anyone; and the
    /// certificate that is shown (default: none).
    pub client: Arc<ClientConfig>,
    /// The name that is sent as SNI (RFC 6066 §3) and that the certificate must be for. Default: `None`, the upstream's host.
    pub server_name: Option<ServerName<'static>>,
    /// Whether upstreams have to prove who they are. Default: yes; otherwise whoever answers is taken for them.
    pub is_verified: bool,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}
