//! `ca_file`, `client_ca_file`: whose signature makes a certificate trusted.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use super::context::Context;
use super::pem;
use super::report::Problem;
use super::values::Value;

/// All certificates of a file, and what rustls makes of them.
pub(super) fn authorities(
    value: &Value<'_>,
    context: &Context<'_>,
) -> Result<(Vec<CertificateDer<'static>>, RootCertStore), Problem> {
    let certificates = pem::certificates(value, context)?;
    let mut roots = RootCertStore::empty();
    for (index, certificate) in certificates.iter().enumerate() {
        roots.add(certificate.clone()).map_err(|error| {
            let message = format!("certificate {} in it can't be trusted: {error}", index + 1);
            Problem::new(value.span(), message).expecting(pem::CERTIFICATES)
        })?;
    }
    Ok((certificates, roots))
}
