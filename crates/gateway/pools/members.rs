//! The upstreams that a pool has at present.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use balance::{Endpoints, Entry, Targets};
use proxy_service::Target;
use tokio::sync::Notify;

use super::endpoint::Endpoint;
use super::listed::{self, Listed};
use crate::config::{Location, Upstream};
use crate::discovery::{Found, Source};

/// How many endpoints a pool has at most. Further ones are left out.
const MOST: usize = 1024;

/// Sets the endpoints of a pool. An endpoint that stays keeps its connections, its health, its counters and its
/// requests in flight. One that leaves gets no new request, and its requests in flight finish.
pub(crate) struct Members {
    /// Locked while a list is put in place. Requests never take it.
    state: Mutex<State>,
    /// Tells whoever follows the sources that there are others. Most pools never need it, so it is small.
    listed: Notify,
}

struct State {
    /// Its table has places for more than the one endpoint that most pools have, so they are small.
    targets: Targets<Arc<Target>, Endpoint, NewEndpoint>,
    listed: Vec<Listed>,
    /// What the program itself has found, in place of the list.
    instead: Option<Vec<Found>>,
    were_too_many: bool,
}

type NewEndpoint = Box<dyn Fn(Arc<Target>) -> Endpoint + Send + Sync>;

impl Members {
    /// Members of a pool that has no endpoints yet. `make` makes the endpoint for a target.
    pub(super) fn new(
        endpoints: &Endpoints<Endpoint>,
        make: impl Fn(Target) -> Endpoint + Send + Sync + 'static,
    ) -> Self {
        let make: NewEndpoint = Box::new(move |target| make(Target::clone(&target)));
        let targets = endpoints.by_target(make);
        let state = State { targets, listed: Vec::new(), instead: None, were_too_many: false };
        Self { state: Mutex::new(state), listed: Notify::new() }
    }

    /// Makes these the upstreams of the pool, all in one change. What is not known of one of them, and was known
    /// before, stays.
    pub(super) fn list(&self, upstreams: Vec<Listed>) {
        let mut state = self.state();
        let before = std::mem::take(&mut state.listed);
        state.listed = upstreams.into_iter().map(|upstream| upstream.or_as_in(&before)).collect();
        state.put();
        drop(state);
        self.listed.notify_one();
    }

    /// The endpoints of one of the upstreams are these now.
    pub(super) fn found(&self, location: &Location, found: &[Found]) {
        let mut state = self.state();
        for listed in state.listed.iter_mut().filter(|listed| listed.location() == location) {
            listed.found = Some(found.to_vec());
        }
        state.put();
    }

    /// The program itself says which endpoints there are, whatever the list of upstreams is.
    pub(super) fn found_instead(&self, found: Vec<Found>) {
        let mut state = self.state();
        state.instead = Some(found);
        state.put();
    }

    /// Whether the endpoints of this upstream are known.
    pub(super) fn knows(&self, location: &Location) -> bool {
        self.state().listed.iter().any(|listed| listed.location() == location && listed.found.is_some())
    }

    /// The upstreams that are listed at present.
    pub(super) fn upstreams(&self) -> Vec<Upstream> {
        self.state().listed.iter().map(|listed| listed.upstream.clone()).collect()
    }

    /// The source of this upstream, if it was made already.
    pub(super) fn take_source(&self, location: &Location) -> Option<Box<Source>> {
        let mut state = self.state();
        state.listed.iter_mut().find(|listed| listed.location() == location)?.source.take()
    }

    /// Completes when other upstreams were listed, since this was called last. Only one task may wait for it.
    pub(super) async fn changed(&self) {
        self.listed.notified().await;
    }

    /// A panic while it was locked leaves the old list, or the new one.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn put(&mut self) {
        let entries: Vec<Entry<Arc<Target>>> = match &self.instead {
            Some(found) => found.iter().map(listed::entry).collect(),
            None => self.listed.iter().flat_map(Listed::entries).collect(),
        };
        self.tell_if_too_many(entries.len());
        self.targets.set(entries.into_iter().take(MOST));
    }

    fn tell_if_too_many(&mut self, number: usize) {
        let are_too_many = number > MOST;
        if are_too_many && !self.were_too_many {
            tracing::warn!(target: "gateway::discovery", found = number, used = MOST, "a pool has too many endpoints");
        }
        self.were_too_many = are_too_many;
    }
}

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Members").finish_non_exhaustive()
    }
}
