//! Which certificate a name gets. A table never changes: another one takes its place.

use std::collections::HashMap;
use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::sign::CertifiedKey;

/// A certificate, and the names that it is for.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// In lower case. `*.` at the beginning stands for any one label.
    pub(crate) names: Vec<String>,
    pub(crate) certified: Arc<CertifiedKey>,
}

/// Certificates by their names.
#[derive(Debug, Default)]
pub(super) struct Table {
    exact: HashMap<String, Candidates>,
    /// By what comes after the `*.`.
    wildcards: HashMap<String, Candidates>,
    defaults: Option<Candidates>,
}

impl Table {
    pub(super) fn of(certificates: &[Named]) -> Self {
        let mut table = Self::default();
        for Named { names, certified } in certificates {
            for name in names {
                let (by_name, name) = match name.strip_prefix("*.") {
                    Some(parent) => (&mut table.wildcards, parent),
                    None => (&mut table.exact, name.as_str()),
                };
                let candidates = by_name.entry(name.to_owned()).or_insert_with(|| Candidates::of(certified));
                candidates.add(certified);
            }
        }
        table.defaults = certificates.split_first().map(|(first, others)| {
            let mut candidates = Candidates::of(&first.certified);
            let alike = others.iter().filter(|other| !first.names.is_empty() && other.names == first.names);
            alike.for_each(|other| candidates.add(&other.certified));
            candidates
        });
        table
    }

    /// The certificates for a name, which is in lower case. An exact name comes before a wildcard, which stands for one
    /// label (RFC 9525 §6.3).
    pub(super) fn named(&self, name: &str) -> Option<&Candidates> {
        self.exact.get(name).or_else(|| self.wildcards.get(name.split_once('.')?.1))
    }

    /// The first certificate, and others for the same names.
    pub(super) fn defaults(&self) -> Option<&Candidates> {
        self.defaults.as_ref()
    }
}

/// Certificates for the same name: for instance, one with an ECDSA key, and one with an RSA key for old clients.
#[derive(Debug)]
pub(super) struct Candidates {
    first: Arc<CertifiedKey>,
    others: Vec<Arc<CertifiedKey>>,
}

impl Candidates {
    fn of(first: &Arc<CertifiedKey>) -> Self {
        Self { first: Arc::clone(first), others: Vec::new() }
    }

    fn add(&mut self, certified: &Arc<CertifiedKey>) {
        if !Arc::ptr_eq(&self.first, certified) {
            self.others.push(Arc::clone(certified));
        }
    }

    /// The first whose signatures a client can check. If there is none, it is the first of all, and the handshake is
    /// going to fail.
    pub(super) fn checkable_by(&self, schemes: &[SignatureScheme]) -> Arc<CertifiedKey> {
        let is_checkable = |certified: &&Arc<CertifiedKey>| certified.key.choose_scheme(schemes).is_some();
        let checkable = std::iter::once(&self.first).chain(&self.others).find(is_checkable);
        Arc::clone(checkable.unwrap_or(&self.first))
    }
}

#[cfg(test)]
mod tests;
