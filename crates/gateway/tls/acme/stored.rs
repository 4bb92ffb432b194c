//! `Issue`, `Stored`: a certificate and its key, as the authority gave it, and as it is in the storage.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::renewal::Validity;
use crate::config::provider::PROVIDER;
use crate::tls::Facts;

/// A certificate that was issued: its key, and the chain, both in PEM.
pub(super) struct Issue {
    pub(super) key: String,
    pub(super) chain: String,
}

/// A certificate that can be shown.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) certified: Arc<CertifiedKey>,
    pub(super) validity: Validity,
}

impl Stored {
    /// The file for a certificate: the key, and then the chain, so that both are replaced at once.
    pub(super) fn file(Issue { key, chain }: &Issue) -> String {
        format!("{}\n{chain}", key.trim_end())
    }

    /// Reads such a file. `None` if it isn't one, or if its certificate isn't for exactly these domains.
    pub(super) fn read(file: &str, domains: &[String]) -> Option<Self> {
        let key = PrivateKeyDer::from_pem_slice(file.as_bytes()).ok()?;
        let chain = CertificateDer::pem_slice_iter(file.as_bytes()).collect::<Result<Vec<_>, _>>().ok()?;
        let facts = Facts::of(chain.first()?)?;
        let validity = Validity { not_before: facts.not_before, not_after: facts.not_after };
        let mut names = facts.names;
        names.sort();
        let mut wanted = domains.to_vec();
        wanted.sort();
        let certified = CertifiedKey::from_der(chain, key, &PROVIDER).ok()?;
        (names == wanted).then(|| Self { certified: Arc::new(certified), validity })
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn issued_for(names: &[&str]) -> Issue {
        let key = KeyPair::generate().unwrap();
        let params =
            CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        Issue { chain: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
    }

    fn is_taken(file: &str, names: &[&str]) -> bool {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        Stored::read(file, &names).is_some()
    }

    #[test]
    fn only_a_certificate_for_exactly_these_names_is_taken() {
        let file = Stored::file(&issued_for(&["a.example", "b.example"]));
        assert!(is_taken(&file, &["a.example", "b.example"]));
        assert!(is_taken(&file, &["b.example", "a.example"]));
        for others in [&["a.example"][..], &["a.example", "b.example", "c.example"], &[]] {
            assert!(!is_taken(&file, others), "{others:?}");
        }
    }

    #[test]
    fn what_is_no_pair_is_not_taken() {
        let (one, other) = (issued_for(&["a.example"]), issued_for(&["a.example"]));
        let mixed = Stored::file(&Issue { key: one.key.clone(), chain: other.chain });
        let (half, _) = one.chain.split_at(one.chain.len() / 2);
        for file in [mixed.as_str(), "", "garbage", &one.key, &one.chain, &format!("{}{half}", one.key)] {
            assert!(!is_taken(file, &["a.example"]), "{file}");
        }
    }
}
