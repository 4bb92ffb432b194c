//! The upstreams that a pool has at present.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use balance::{Endpoints, Entry, Targets};
use proxy_service::Target;

use super::endpoint::{self, Endpoint};
use crate::config::Upstream;

/// Sets the endpoints of a pool. An upstream that stays keeps its endpoint, with its connections, its health, its
/// counters and its requests in flight. One that leaves gets no new request, and its requests in flight finish.
pub(crate) struct Members {
    /// Locked while a list is put in place. Requests never take it.
    targets: Mutex<Targets<Target, Endpoint, NewEndpoint>>,
}

type NewEndpoint = Box<dyn Fn(Target) -> Endpoint + Send + Sync>;

impl Members {
    /// Members of a pool that has no endpoints yet. `make` makes the endpoint for a target.
    pub(super) fn new(
        endpoints: &Endpoints<Endpoint>,
        make: impl Fn(Target) -> Endpoint + Send + Sync + 'static,
    ) -> Self {
        let make: NewEndpoint = Box::new(make);
        Self { targets: Mutex::new(endpoints.by_target(make)) }
    }

    /// Makes these the upstreams of the pool, all in one change.
    pub(crate) fn set<'a>(&self, upstreams: impl IntoIterator<Item = &'a Upstream>) {
        let entries = upstreams.into_iter().map(|Upstream { target, weight }| {
            Entry::new(target.clone()).weight(weight.get()).id(endpoint::id_of(target))
        });
        // A panic in between leaves the old list, or the new one.
        self.targets.lock().unwrap_or_else(PoisonError::into_inner).set(entries);
    }
}

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Members").finish_non_exhaustive()
    }
}
