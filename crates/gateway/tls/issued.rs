//! `Issued`: certificates that came after the configuration, and those that prove to an authority that a name is ours.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::facts::Facts;
use super::table::{Named, Table};

/// Certificates that came after the configuration. They outlive its reloads. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Issued(Arc<ArcSwap<State>>);

/// All of them at one moment.
#[derive(Clone, Default)]
struct State {
    certificates: BTreeMap<Vec<String>, Arc<CertifiedKey>>,
    challenges: BTreeMap<String, Arc<CertifiedKey>>,
    table: Arc<Table>,
}

/// What an ACME client needs.
#[cfg_attr(not(any(test, feature = "acme")), expect(dead_code, reason = "only an ACME client issues any"))]
impl Issued {
    /// Adds a certificate for these names, or replaces the one that was issued for them before.
    pub(crate) fn add(&self, names: &[String], certified: Arc<CertifiedKey>) {
        self.change(|state| drop(state.certificates.insert(names.to_vec(), Arc::clone(&certified))));
    }

    /// Shows `certified` to the authority that checks whether `name` is ours (TLS-ALPN-01, RFC 8737 §3), until
    /// [`withdraw`](Self::withdraw).
    pub(crate) fn challenge(&self, name: &str, certified: Arc<CertifiedKey>) {
        self.change(|state| drop(state.challenges.insert(name.to_owned(), Arc::clone(&certified))));
    }

    /// Ends the challenge for this name.
    pub(crate) fn withdraw(&self, name: &str) {
        self.change(|state| drop(state.challenges.remove(name)));
    }

    /// Whether both are those of the same listener.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn change(&self, change: impl Fn(&mut State)) {
        self.0.rcu(|state| {
            let mut state = State::clone(state);
            change(&mut state);
            let named = state
                .certificates
                .iter()
                .map(|(names, certified)| Named { names: names.clone(), certified: Arc::clone(certified) });
            state.table = Arc::new(Table::of(&named.collect::<Vec<_>>()));
            state
        });
    }
}

impl Issued {
    /// What stands in each of those that came after the configuration.
    pub(super) fn facts(&self) -> Vec<Facts> {
        let state = self.0.load();
        let leaves = state.certificates.values().filter_map(|certified| certified.end_entity_cert().ok());
        leaves.filter_map(Facts::of).collect()
    }

    pub(super) fn table(&self) -> Arc<Table> {
        Arc::clone(&self.0.load().table)
    }
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").finish_non_exhaustive()
    }
}

/// Shows the certificate of a challenge, and nothing else (RFC 8737 §3).
#[derive(Debug)]
pub(super) struct Challenges(pub(super) Issued);

impl ResolvesServerCert for Challenges {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.0.load().challenges.get(hello.server_name()?).cloned()
    }
}
