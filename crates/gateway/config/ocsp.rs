//! `ocsp`: a file with the authority's answer that a certificate isn't revoked (RFC 6960), in DER, as `openssl ocsp
//! -respout` writes it.

use std::path::Path;

use x509_parser::asn1_rs::{Enumerated, FromDer, Sequence};

use super::files;
use super::report::Refusal;

const RESPONSE: &str = "an OCSP response in DER, as openssl ocsp -respout writes it";

/// Reads a response. Only its status is checked: the client checks the signature, and whether it is still valid.
pub(super) fn response_in(path: &Path) -> Result<Vec<u8>, Refusal> {
    let bytes =
        files::read(path).map_err(|error| Refusal::new(format!("can't be read: {error}"), RESPONSE))?;
    match status(&bytes) {
        Some(0) => Ok(bytes),
        Some(status) => {
            Err(Refusal::new(format!("is an answer without a response, of status {status}"), RESPONSE))
        }
        None => Err(Refusal::new("is no OCSP response", RESPONSE)),
    }
}

/// `OCSPResponse ::= SEQUENCE { responseStatus ENUMERATED, responseBytes [0] OPTIONAL }`.
fn status(response: &[u8]) -> Option<u32> {
    let (after, response) = Sequence::from_der(response).ok()?;
    let (_, status) = Enumerated::from_der(&response.content).ok()?;
    after.is_empty().then_some(status.0)
}
