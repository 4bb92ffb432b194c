//! What stands in a server's certificate: the names that it is for, and from when to when it is valid.

use std::time::{Duration, SystemTime};

use rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;
use x509_parser::time::ASN1Time;

/// What stands in a server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The names of hosts that it is for, in lower case. One that begins with `*.` stands for all names that have
    /// another label in its place.
    pub(crate) names: Vec<String>,
    /// From when on it is valid.
    pub(crate) not_before: SystemTime,
    /// When it expires.
    pub(crate) not_after: SystemTime,
}

impl Facts {
    /// Reads a certificate. `None` if it isn't well-formed.
    pub(crate) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
        let validity = certificate.validity();
        let (not_before, not_after) = (time(&validity.not_before), time(&validity.not_after));
        Some(Self { names: names(&certificate), not_before, not_after })
    }

    /// The names, or what is said if there are none.
    pub(crate) fn title(&self) -> String {
        if self.names.is_empty() { "no name".to_owned() } else { self.names.join(", ") }
    }
}

/// One before 1970 becomes the beginning of 1970.
fn time(time: &ASN1Time) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(time.timestamp()).unwrap_or_default())
}

/// The DNS names among the alternative names of its subject (RFC 9525 §6.3). Without any, its common name, which old
/// tools write a host's name into.
fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let alternative = certificate.subject_alternative_name().ok().flatten();
    let alternative = alternative.map(|extension| &extension.value.general_names);
    let dns = alternative.into_iter().flatten().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    });
    let names: Vec<String> = dns.collect();
    if !names.is_empty() {
        return names;
    }
    let common = certificate.subject().iter_common_name();
    common.filter_map(|name| name.as_str().ok()).map(str::to_ascii_lowercase).collect()
}
