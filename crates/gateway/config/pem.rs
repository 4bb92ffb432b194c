//! Reads certificates and private keys from PEM files (RFC 7468). No error shows a part of such a file.

use std::path::{Path, PathBuf};

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::context::Context;
use super::files;
use super::report::{Problem, Refusal, Visibility};
use super::values::{self, Value};

pub(super) const CERTIFICATES: &str = "a PEM file with a BEGIN CERTIFICATE";
const KEY: &str = "a PEM file with a BEGIN PRIVATE KEY, not encrypted";

const PATH: &str = "the path of a PEM file";

/// All certificates of a file. A file without one is an error.
pub(super) fn certificates(
    value: &Value<'_>,
    context: &Context<'_>,
) -> Result<Vec<CertificateDer<'static>>, Problem> {
    within(value, context, certificates_in)
}

/// The first private key of a file: PKCS #8, PKCS #1 or SEC 1.
pub(super) fn private_key(
    value: &Value<'_>,
    context: &Context<'_>,
) -> Result<PrivateKeyDer<'static>, Problem> {
    within(value, context, private_key_in)
}

/// The same as [`certificates`]. The refusal is about the file, which it doesn't name.
pub(super) fn certificates_in(path: &Path) -> Result<Vec<CertificateDer<'static>>, Refusal> {
    parsed(path, CERTIFICATES, |bytes| {
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(bytes).collect::<Result<_, _>>()?;
        if certificates.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(certificates) }
    })
}

/// The same as [`private_key`]. The refusal is about the file, which it doesn't name.
pub(super) fn private_key_in(path: &Path) -> Result<PrivateKeyDer<'static>, Refusal> {
    parsed(path, KEY, PrivateKeyDer::from_pem_slice)
}

/// The path that `value` is, relative to the configuration's directory.
pub(super) fn path(value: &Value<'_>, context: &Context<'_>) -> Result<PathBuf, Problem> {
    let name = values::text(value, PATH)?;
    if is_pem(name) {
        let problem = Problem::new(value.span(), "this is the PEM itself").expecting(PATH);
        return Err(problem.shown_as(Visibility::Masked));
    }
    Ok(context.path(name))
}

/// Reads the file that `value` names with `read`, whose refusal is about the file.
pub(super) fn within<T>(
    value: &Value<'_>,
    context: &Context<'_>,
    read: impl FnOnce(&Path) -> Result<T, Refusal>,
) -> Result<T, Problem> {
    let path = path(value, context)?;
    let subject = || format!("the file {}", values::quoted(value.get_ref().as_str().unwrap_or_default()));
    read(&path).map_err(|refusal| refusal.about(&subject()).at(value.span()))
}

fn parsed<T>(
    path: &Path,
    expected: &'static str,
    parse: impl FnOnce(&[u8]) -> Result<T, pem::Error>,
) -> Result<T, Refusal> {
    match files::read(path) {
        Ok(bytes) => parse(&bytes).map_err(|error| why(&error, expected)),
        Err(error) => Err(Refusal::new(format!("can't be read: {error}"), expected)),
    }
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
