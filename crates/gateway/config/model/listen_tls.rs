//! `tls` of a listener: its certificates, and what it asks of clients.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;

#[cfg(feature = "acme")]
use super::acme::Acme;
use crate::config::CertificateFiles;

/// How a listener speaks TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenTls {
    /// The certificates; at least one, unless one is ordered. Each is shown to clients that ask for one of the names in it.
    pub certificates: Vec<ServerCertificate>,
    /// What becomes of clients that ask for a name that is in no certificate, or for none. Default:
    /// [`UnknownNames::Default`].
    pub unknown_names: UnknownNames,
    /// The oldest version of TLS that is spoken. Default: [`TlsVersion::V1_2`].
    pub min_version: TlsVersion,
    /// Which certificates clients may or must show. Default: `None`, they aren't asked for one.
    pub client_auth: Option<ClientAuth>,
    /// The `Strict-Transport-Security` of every response. Default: `None`.
    pub hsts: Option<Hsts>,
    /// A certificate that is ordered from an authority. Default: `None`.
    #[cfg(feature = "acme")]
    pub acme: Option<Arc<Acme>>,
}

/// A certificate of a listener, its key and its OCSP response.
#[derive(Clone)]
pub struct ServerCertificate {
    /// What was read of the files.
    pub certified: Arc<CertifiedKey>,
    /// Where it was read, and is read again. `None` for one that an embedder has from elsewhere.
    pub files: Option<CertificateFiles>,
}

/// Whether it was read from the same files, and is the same.
impl PartialEq for ServerCertificate {
    fn eq(&self, other: &Self) -> bool {
        let shown =
            |certificate: &Self| (certificate.certified.cert.clone(), certificate.certified.ocsp.clone());
        self.files == other.files && shown(self) == shown(other)
    }
}

impl Eq for ServerCertificate {}

impl fmt::Debug for ServerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerCertificate").field("files", &self.files).finish_non_exhaustive()
    }
}

/// What becomes of clients that ask for a name (SNI, RFC 6066 §3) that is in no certificate, or for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownNames {
    /// They get the first certificate of the list.
    #[default]
    Default,
    /// The handshake ends with the alert `unrecognized_name`.
    Refuse,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// RFC 5246, with forward secrecy and authenticated encryption only.
    #[default]
    V1_2,
    /// RFC 8446.
    V1_3,
}

/// Which certificates clients show.
#[derive(Clone, Debug)]
pub struct ClientAuth {
    /// The authorities whose certificates are accepted, as they stand in the file.
    pub authorities: Vec<CertificateDer<'static>>,
    /// What rustls makes of them.
    pub roots: Arc<RootCertStore>,
    /// Whether clients without a certificate are served. A certificate that isn't accepted ends the handshake in any
    /// case.
    pub need: ClientAuthNeed,
}

/// Whether the same clients are accepted. What rustls makes of the authorities follows from them.
impl PartialEq for ClientAuth {
    fn eq(&self, other: &Self) -> bool {
        self.need == other.need && self.authorities == other.authorities
    }
}

impl Eq for ClientAuth {}

/// Whether clients without a certificate are served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuthNeed {
    /// No.
    #[default]
    Required,
    /// Yes.
    Optional,
}

/// `Strict-Transport-Security` (RFC 6797): browsers use `https` for this host from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hsts {
    /// For how long, in whole seconds.
    pub max_age: Duration,
    /// Also for all hosts below this one. Default: no.
    pub include_subdomains: bool,
    /// The host may be put on the browsers' own lists (hstspreload.org). Default: no.
    pub preload: bool,
}
