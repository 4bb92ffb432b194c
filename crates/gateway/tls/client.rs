//! What upstreams are told of a client's certificate.

mod subject;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use proxy_service::ClientCertificate;
use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

/// The headers for a certificate that a client has shown and that was accepted. `None` if it can't be read, which rustls
/// has excluded.
pub(crate) fn told(certificate: &CertificateDer<'_>) -> Option<ClientCertificate> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let client_cert = format!(":{}:", STANDARD.encode(certificate));
    let subject: String = subject::text(parsed.subject()).chars().filter(may_stand_in_a_header).collect();
    Some(ClientCertificate {
        client_cert: HeaderValue::try_from(client_cert).ok()?,
        x_forwarded_client_cert: HeaderValue::try_from(forwarded(certificate, &parsed)).ok()?,
        subject: HeaderValue::try_from(subject).ok()?,
    })
}

/// One element of `X-Forwarded-Client-Cert` as Envoy writes it: the SHA-256 digest of the certificate, its subject, and
/// the URIs among its subject's alternative names, such as those of SPIFFE.
fn forwarded(der: &CertificateDer<'_>, parsed: &X509Certificate<'_>) -> String {
    let digest: String = Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut element = format!("Hash={digest};Subject={}", quoted(&subject::text(parsed.subject())));
    let alternative = parsed.subject_alternative_name().ok().flatten();
    for name in alternative.iter().flat_map(|extension| &extension.value.general_names) {
        if let GeneralName::URI(uri) = name {
            element.push_str(";URI=");
            element.push_str(&quoted(uri));
        }
    }
    element
}

/// In double quotes, so that no value can end the element. What can't stand in a header is left out.
fn quoted(value: &str) -> String {
    let mut quoted = String::from("\"");
    for char in value.chars().filter(may_stand_in_a_header) {
        if matches!(char, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(char);
    }
    quoted.push('"');
    quoted
}

fn may_stand_in_a_header(char: &char) -> bool {
    matches!(char, ' '..='~')
}

#[cfg(test)]
mod tests;
