//! The files of a server's certificate. They are read with the configuration, and again when they change.

use std::fmt;
use std::path::{Path, PathBuf};

use rustls::sign::CertifiedKey;

use super::provider::PROVIDER;
use super::report::Refusal;
use super::{ocsp, pem};

/// Where the certificate of a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate in PEM, followed by those of its intermediate authorities.
    pub cert: PathBuf,
    /// Its private key in PEM: PKCS #8, PKCS #1 or SEC 1, not encrypted.
    pub key: PathBuf,
    /// The OCSP response that is stapled to it, in DER. Default: `None`.
    pub ocsp: Option<PathBuf>,
}

impl CertificateFiles {
    /// Reads the files again.
    ///
    /// # Errors
    /// Which file can't be used, and why. It is usual for a moment: while a renewal has written one of the files and
    /// not yet the other.
    pub fn read(&self) -> Result<CertifiedKey, CertificateError> {
        let chain = pem::certificates_in(&self.cert).map_err(|refusal| about(&self.cert, refusal))?;
        let key = pem::private_key_in(&self.key).map_err(|refusal| about(&self.key, refusal))?;
        let mut certified = CertifiedKey::from_der(chain, key, &PROVIDER).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                CertificateError(format!("{:?} is not the key of {:?}", self.key, self.cert))
            }
            _ => CertificateError(format!("{:?} can't be used: {error}", self.cert)),
        })?;
        if let Some(ocsp) = &self.ocsp {
            certified.ocsp = Some(ocsp::response_in(ocsp).map_err(|refusal| about(ocsp, refusal))?);
        }
        Ok(certified)
    }

    /// The paths of all files.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        [&self.cert, &self.key].into_iter().chain(&self.ocsp).map(PathBuf::as_path)
    }
}

fn about(file: &Path, refusal: Refusal) -> CertificateError {
    CertificateError(format!("{file:?} {}", refusal.why))
}

/// Why the files of a certificate can't be used. It shows no part of them.
#[derive(Clone, Debug)]
pub struct CertificateError(String);

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CertificateError {}
