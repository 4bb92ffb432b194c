//! One pool's cookie.

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderValue};

use super::set_cookie;
use super::signer::Signer;
use crate::config::Affinity;
use crate::cookies;

/// What the cookie is called, who reads it, and the `Set-Cookie` of each endpoint, made once.
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

    /// The id that a request's cookie names, if it was this pool that set it.
    pub(super) fn named_in(&self, headers: &HeaderMap) -> Option<u64> {
        self.signer.verify(cookies::find(headers, &self.name)?)
    }

    /// The `Set-Cookie` that names an endpoint; `None` for one that the pool didn't begin with.
    pub(super) fn line(&self, id: u64) -> Option<&HeaderValue> {
        self.lines.get(&id)
    }
}
