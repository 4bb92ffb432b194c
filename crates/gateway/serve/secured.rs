//! `Secured`: what is known of a connection by its TLS handshake.

use rustls::pki_types::CertificateDer;

use super::protocol::Protocol;

/// What is known of a connection by its TLS handshake.
#[derive(Clone, Debug)]
pub(crate) struct Secured {
    /// The certificate that the client has shown, and to which it has the key. It was accepted.
    pub(crate) certificate: Option<CertificateDer<'static>>,
    /// The version of TLS, as OpenSSL writes it.
    pub(crate) version: &'static str,
    /// The protocol that was agreed on by ALPN (RFC 7301).
    pub(super) agreed: Option<Protocol>,
}
