//! `acme`: certificates by themselves.

use std::fmt;
use std::path::PathBuf;

use rustls::pki_types::CertificateDer;

/// A certificate that is ordered from an authority and renewed (ACME, RFC 8555). To use it is to agree to the
/// authority's terms of service.
#[derive(Clone, PartialEq, Eq)]
pub struct Acme {
    /// The names that the certificate is for, in lower case; at least one, at most 100.
    pub domains: Vec<String>,
    /// Where the authority may write to, as `mailto:` URLs. Default: none.
    pub contact: Vec<String>,
    /// The URL of the authority's directory. Default: that of Let's Encrypt.
    pub directory: String,
    /// Whom the gateway trusts when it asks for the directory. Default: none, which stands for Mozilla's list.
    pub trusted: Vec<CertificateDer<'static>>,
    /// The directory for the account and the certificates. Gateways that share it share them. Default: `acme` beside the
    /// file.
    pub storage: PathBuf,
    /// How the authority verifies that the names are ours. Default: [`Challenge::TlsAlpn01`].
    pub challenge: Challenge,
}

impl fmt::Debug for Acme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acme")
            .field("domains", &self.domains)
            .field("directory", &self.directory)
            .field("storage", &self.storage)
            .field("challenge", &self.challenge)
            .finish_non_exhaustive()
    }
}

/// How an authority verifies that a name is ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Challenge {
    /// It connects to port 443 of the name, and gets a certificate that proves it (RFC 8737).
    #[default]
    TlsAlpn01,
    /// It asks for a page on port 80 of the name (RFC 8555 §8.3). So there has to be a listener without TLS.
    Http01,
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TlsAlpn01 => "tls-alpn-01",
            Self::Http01 => "http-01",
        })
    }
}
