//! The certificates of the configuration: their files are read again when they change, and the log says it when one
//! expires soon.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use rustls::sign::CertifiedKey;
use tracing::{error, info, warn};

use super::certificates::Certificates;
use super::facts::Facts;
use super::table::Named;
use crate::config::{CertificateFiles, ServerCertificate};

/// From when on the log says that a certificate expires.
const SOON: Duration = Duration::from_secs(14 * DAY);
const DAY: u64 = 24 * 60 * 60;

/// The certificates of the configuration, as they were last read.
#[derive(Debug)]
pub(super) struct Configured(ArcSwap<Vec<ServerCertificate>>);

impl Configured {
    pub(super) fn new(certificates: &[ServerCertificate]) -> Self {
        Self(ArcSwap::from_pointee(certificates.to_vec()))
    }

    pub(super) fn named(&self) -> Vec<Named> {
        let certificates = self.0.load();
        let named = certificates.iter().map(|certificate| Named {
            names: facts(&certificate.certified).map_or_else(Vec::new, |facts| facts.names),
            certified: Arc::clone(&certificate.certified),
        });
        named.collect()
    }

    /// What stands in each of them.
    pub(super) fn facts(&self) -> Vec<Facts> {
        self.0.load().iter().filter_map(|certificate| facts(&certificate.certified)).collect()
    }

    /// The files of all certificates.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        let certificates = self.0.load();
        let files = certificates.iter().filter_map(|certificate| certificate.files.as_ref());
        files.flat_map(CertificateFiles::paths).map(Path::to_owned).collect()
    }

    /// Reads all files again. A certificate whose files can't be used stays as it is, and the log says why.
    pub(super) fn reread(&self, shown: &Certificates) {
        let mut certificates = Vec::clone(&self.0.load());
        let mut has_new = false;
        for certificate in &mut certificates {
            if let Some(new) = reread(certificate) {
                certificate.certified = Arc::new(new);
                has_new = true;
            }
        }
        if has_new {
            self.0.store(Arc::new(certificates));
            shown.configure(&self.named());
            self.tell_expiry(SystemTime::now());
        }
    }

    /// Writes a line for each certificate that has expired, or soon will.
    pub(super) fn tell_expiry(&self, now: SystemTime) {
        for certificate in self.0.load().iter() {
            let Some(facts) = facts(&certificate.certified) else { continue };
            let names = facts.title();
            match ending(facts.not_after, now) {
                Some(Ending::Past) => error!(%names, "a certificate has expired"),
                Some(Ending::Soon { days }) => warn!(%names, days, "a certificate expires soon"),
                None => {}
            }
        }
    }
}

/// A certificate's end that has to be told.
#[derive(Debug, PartialEq, Eq)]
enum Ending {
    Past,
    /// In so many whole days.
    Soon {
        days: u64,
    },
}

fn ending(not_after: SystemTime, now: SystemTime) -> Option<Ending> {
    match not_after.duration_since(now) {
        Err(_) => Some(Ending::Past),
        Ok(left) if left <= SOON => Some(Ending::Soon { days: left.as_secs() / DAY }),
        Ok(_) => None,
    }
}

/// What is in the files now. `None` if it is what it was, or can't be used.
fn reread(certificate: &ServerCertificate) -> Option<CertifiedKey> {
    let (files, old) = (certificate.files.as_ref()?, &certificate.certified);
    match files.read() {
        Ok(new) if new.cert == old.cert && new.ocsp == old.ocsp => None,
        Ok(new) => {
            let names = facts(&new).map(|facts| facts.title()).unwrap_or_default();
            info!(%names, file = ?files.cert, "a certificate was replaced");
            Some(new)
        }
        Err(error) => {
            warn!(%error, "a certificate can't be read again: the old one stays");
            None
        }
    }
}

fn facts(certified: &CertifiedKey) -> Option<Facts> {
    certified.end_entity_cert().ok().and_then(Facts::of)
}

#[cfg(test)]
mod tests;
