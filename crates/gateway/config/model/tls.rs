//! `tls`: TLS to a pool's upstreams.

use std::fmt;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use crate::config::Digest;

/// The settings for TLS handshakes with the upstreams of a pool: whom the gateway trusts, and which certificate it
/// shows.
#[derive(Clone)]
pub struct Tls {
    /// rustls's configuration. It says which upstreams are trusted: those whose certificate is signed by an authority
    /// (default: Mozilla's list), those with one given certificate, or all. It also has the certificate that the
    /// gateway shows (default: none).
    client: Arc<ClientConfig>,
    /// The name that is sent as SNI (RFC 6066 §3), and that the certificate must be valid for. Default: `None`, the
    /// upstream's host.
    pub server_name: Option<ServerName<'static>>,
    /// Whether the certificate of an upstream is verified. Default: yes. Without it, anyone who answers at the
    /// upstream's address is trusted.
    pub is_verified: bool,
    /// What `client` was made from, if it was made from files.
    fingerprint: Option<Digest>,
}

impl Tls {
    /// Settings with rustls's configuration, for verified upstreams.
    #[must_use]
    pub fn new(client: Arc<ClientConfig>) -> Self {
        Self { client, server_name: None, is_verified: true, fingerprint: None }
    }

    /// The same, made from what the digest says.
    pub(in crate::config) fn made_from(self, fingerprint: Digest) -> Self {
        Self { fingerprint: Some(fingerprint), ..self }
    }

    /// rustls's configuration.
    #[must_use]
    pub fn client(&self) -> &Arc<ClientConfig> {
        &self.client
    }
}

/// Two are the same if they were made from the same certificates, or have the very same `ClientConfig`.
impl PartialEq for Tls {
    fn eq(&self, other: &Self) -> bool {
        let is_same_client = match (self.fingerprint, other.fingerprint) {
            (Some(one), Some(other)) => one == other,
            _ => Arc::ptr_eq(&self.client, &other.client),
        };
        is_same_client && self.server_name == other.server_name && self.is_verified == other.is_verified
    }
}

impl Eq for Tls {}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}
