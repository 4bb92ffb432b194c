//! `Certificates`: those of a listener.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::issued::Issued;
use super::table::{Named, Table};

/// The certificates of a listener. They may be replaced at any time: the next handshake sees the new ones, and open
/// connections are not touched. Clones share them.
#[derive(Clone)]
pub(crate) struct Certificates {
    configured: Arc<ArcSwap<Table>>,
    issued: Issued,
}

impl Certificates {
    pub(super) fn new(configured: &[Named], issued: Issued) -> Self {
        Self { configured: Arc::new(ArcSwap::from_pointee(Table::of(configured))), issued }
    }

    /// Replaces those of the configuration.
    pub(super) fn configure(&self, configured: &[Named]) {
        self.configured.store(Arc::new(Table::of(configured)));
    }

    /// Those that came after the configuration.
    pub(crate) fn issued(&self) -> &Issued {
        &self.issued
    }

    /// Whether a certificate is for this name.
    pub(super) fn know(&self, name: &str) -> bool {
        self.configured.load().named(name).is_some() || self.issued.table().named(name).is_some()
    }

    /// The certificate for a client that says this.
    pub(super) fn pick(&self, hello: &ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let (configured, issued) = (self.configured.load(), self.issued.table());
        let named =
            hello.server_name().and_then(|name| configured.named(name).or_else(|| issued.named(name)));
        let candidates = named.or_else(|| configured.defaults()).or_else(|| issued.defaults())?;
        Some(candidates.checkable_by(hello.signature_schemes()))
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.pick(&hello)
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").finish_non_exhaustive()
    }
}
