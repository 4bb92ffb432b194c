//! The affinity cookie of one pool.

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderValue};

use super::set_cookie;
use super::signer::Signer;
use crate::config::Affinity;
use crate::cookies;

/// The name of the cookie, the signer that makes and checks its values, and a `Set-Cookie` for each endpoint, made
/// once.
#[derive(Debug)]
pub(super) struct Cookie {
    name: String,
    signer: Signer,
    lines: HashMap<u64, HeaderValue>,
}

impl Cookie {
    pub(super) fn new(affinity: &Affinity, pool: &str, ids: impl IntoIterator<Item = u64>) -> Self {
        let signer = match &affinity.secret {
            Some(secret) => Signer::of(secret, pool),
            None => Signer::random(pool),
        };
        let line = |id| (id, set_cookie::line(affinity, &signer.sign(id)));
        let lines = ids.into_iter().map(line).collect();
        Self { name: affinity.cookie.clone(), signer, lines }
    }

    /// The endpoint's id in the cookie of a request, if the cookie was signed for this pool.
    pub(super) fn named_in(&self, headers: &HeaderMap) -> Option<u64> {
        self.signer.verify(cookies::find(headers, &self.name)?)
    }

    /// The `Set-Cookie` that names an endpoint. `None` for an endpoint that was added after the start.
    pub(super) fn line(&self, id: u64) -> Option<&HeaderValue> {
        self.lines.get(&id)
    }
}
