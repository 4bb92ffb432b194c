//! Reads certificates and private keys from PEM files (RFC 7468). No error shows a part of such a file.

use std::fs::File;
use std::io::{self, Read};

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::context::Context;
use super::report::{Problem, Refusal, Visibility};
use super::values::{self, Value};

pub(super) const CERTIFICATES: &str = "a PEM file with a BEGIN CERTIFICATE";
const KEY: &str = "a PEM file with a BEGIN PRIVATE KEY, not encrypted";

const PATH: &str = "the path of a PEM file";

/// The largest PEM file that is read. The list of all authorities that Mozilla trusts needs a quarter of that.
const LARGEST: u64 = 1 << 20;

/// All certificates of a file. A file without one is an error.
pub(super) fn certificates(
    value: &Value<'_>,
    context: &Context<'_>,
) -> Result<Vec<CertificateDer<'static>>, Problem> {
    within(value, context, CERTIFICATES, |bytes| {
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(bytes).collect::<Result<_, _>>()?;
        if certificates.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(certificates) }
    })
}

/// The first private key of a file: PKCS #8, PKCS #1 or SEC 1.
pub(super) fn private_key(
    value: &Value<'_>,
    context: &Context<'_>,
) -> Result<PrivateKeyDer<'static>, Problem> {
    within(value, context, KEY, PrivateKeyDer::from_pem_slice)
}

/// Reads the file that `value` names, relative to the configuration's directory, and parses it with `parse`.
fn within<T>(
    value: &Value<'_>,
    context: &Context<'_>,
    expected: &'static str,
    parse: impl FnOnce(&[u8]) -> Result<T, pem::Error>,
) -> Result<T, Problem> {
    let name = values::text(value, PATH)?;
    if is_pem(name) {
        let problem = Problem::new(value.span(), "this is the PEM itself").expecting(PATH);
        return Err(problem.shown_as(Visibility::Masked));
    }
    let parsed = match context.open(name).and_then(read) {
        Ok(bytes) => parse(&bytes).map_err(|error| why(&error, expected)),
        Err(error) => Err(Refusal::new(format!("can't be read: {error}"), expected)),
    };
    let subject = format!("the file {}", values::quoted(name));
    parsed.map_err(|refusal| refusal.about(&subject).at(value.span()))
}

/// Whether `text` is the content of a PEM file where a path was expected.
fn is_pem(text: &str) -> bool {
    text.contains("-----BEGIN") || text.contains(['\n', '\r'])
}

fn why(error: &pem::Error, expected: &'static str) -> Refusal {
    let why = match error {
        pem::Error::NoItemsFound => "has no such section",
        pem::Error::MissingSectionEnd { .. } => "has a section without its END line",
        pem::Error::IllegalSectionStart { .. } => "has a BEGIN line that isn't well-formed",
        pem::Error::Base64Decode(_) => "has a section that isn't base64",
        _ => "isn't PEM",
    };
    Refusal::new(why, expected)
}

fn read(file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if read as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    Ok(bytes)
}
