//! The affinity cookie of one pool.

use axum::http::uri::Scheme;
use axum::http::{HeaderMap, HeaderValue};

use super::set_cookie;
use super::signer::Signer;
use crate::config::Affinity;
use crate::cookies;

/// The cookie's settings, and the signer that makes and checks its values.
#[derive(Debug)]
pub(super) struct Cookie {
    affinity: Affinity,
    signer: Signer,
    /// Whether the key was made by chance, since no secret was given.
    has_random_key: bool,
}

impl Cookie {
    pub(super) fn new(affinity: &Affinity, pool: &str) -> Self {
        let signer = match &affinity.secret {
            Some(secret) => Signer::of(secret, pool),
            None => Signer::random(pool),
        };
        // The signer has taken what it needs of the secret.
        let has_random_key = affinity.secret.is_none();
        Self { affinity: Affinity { secret: None, ..affinity.clone() }, signer, has_random_key }
    }

    /// The cookie with other settings. A key that was made by chance stays as long as no secret is given.
    pub(super) fn changed(&self, affinity: &Affinity, pool: &str) -> Self {
        if self.has_random_key && affinity.secret.is_none() {
            Self { affinity: affinity.clone(), signer: self.signer.clone(), has_random_key: true }
        } else {
            Self::new(affinity, pool)
        }
    }

    /// The endpoint's id in the cookie of a request, if the cookie was signed for this pool.
    pub(super) fn named_in(&self, headers: &HeaderMap) -> Option<u64> {
        self.signer.verify(cookies::find(headers, &self.affinity.cookie)?)
    }

    /// The `Set-Cookie` that names an endpoint, for a request of this scheme.
    pub(super) fn line(&self, id: u64, scheme: &Scheme) -> HeaderValue {
        set_cookie::line(&self.affinity, &self.signer.sign(id), scheme)
    }
}
