//! `tls`: TLS to a pool's upstreams.

use std::fmt;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;

/// The settings for TLS handshakes with the upstreams of a pool: whom the gateway trusts, and which certificate it
/// shows.
#[derive(Clone)]
pub struct Tls {
    /// rustls's configuration. It says which upstreams are trusted: those whose certificate is signed by an authority
    /// (default: Mozilla's list), those with one given certificate, or all. It also has the certificate that the
    /// gateway shows (default: none).
    pub client: Arc<ClientConfig>,
    /// The name that is sent as SNI (RFC 6066 §3), and that the certificate must be valid for. Default: `None`, the
    /// upstream's host.
    pub server_name: Option<ServerName<'static>>,
    /// Whether the certificate of an upstream is verified. Default: yes. Without it, anyone who answers at the
    /// upstream's address is trusted.
    pub is_verified: bool,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}
