#[cfg(feature = "probes")]
use std::sync::Weak;
use std::{fmt, sync::Arc};

use crate::{endpoint::Endpoint, entry::Entry, new_endpoint::NewEndpoint, pool::Pool, targets::Targets};

/// The handle by which a balancer's endpoints are changed and watched while it serves.
///
/// It is cheap to clone, and has the same type for every policy over `S`. A change takes time and memory in
/// proportion to the number of endpoints, and blocks no request. Every pick that begins after the call returned
/// sees it. Changes that several threads make at a time all take effect.
pub struct Endpoints<S> {
    pool: Arc<Pool<S, dyn Send + Sync>>,
}

impl<S> Endpoints<S> {
    pub(crate) fn new(pool: Arc<Pool<S, dyn Send + Sync>>) -> Self {
        Self { pool }
    }

    /// Adds an endpoint of weight 1 at the end of the list.
    pub fn insert(&self, service: S) -> Arc<Endpoint<S>> {
        self.insert_weighted(service, 1)
    }

    /// Adds an endpoint at the end of the list. Weight 0 gets no requests until [`set_weight`](Self::set_weight)
    /// raises it.
    pub fn insert_weighted(&self, service: S, weight: u16) -> Arc<Endpoint<S>> {
        self.add(Entry::new(service).weight(weight))
    }

    /// Adds an endpoint at the end of the list.
    pub fn add(&self, entry: Entry<S>) -> Arc<Endpoint<S>> {
        let endpoint = self.pool.endpoint(entry);
        self.pool.update(|set| {
            let added = std::iter::once(Arc::clone(&endpoint));
            Some(set.members().iter().cloned().chain(added).collect())
        });
        endpoint
    }

    /// Endpoints that are set as a whole, for a list that a resolver or a registry finds. `make` makes the service
    /// that reaches one target.
    pub fn by_target<T, M>(&self, make: M) -> Targets<T, S, M>
    where
        M: NewEndpoint<T, Service = S>,
    {
        Targets::new(Arc::downgrade(&self.pool), make)
    }

    /// Removes an endpoint. Its requests in flight finish, and no new one begins. Returns false if it was not in
    /// the list.
    pub fn remove(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        self.pool.change(endpoint, Endpoint::close, |member| !Arc::ptr_eq(member, endpoint))
    }

    /// Drains an endpoint: its requests in flight finish, and no new one begins. It stays in the
    /// [`snapshot`](Self::snapshot), so that its last requests can be watched. Returns false if it was not in the
    /// list.
    ///
    /// It is drained once [`Endpoint::in_flight`] is 0; [`Endpoint::drained`] waits for that. A drain can't be
    /// undone: to pause an endpoint, set its weight to 0.
    pub fn drain(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        self.pool.change(endpoint, Endpoint::close, |_| true)
    }

    /// Changes an endpoint's weight; 0 pauses it. Returns false if it was not in the list.
    pub fn set_weight(&self, endpoint: &Arc<Endpoint<S>>, weight: u16) -> bool {
        self.pool.change(endpoint, |endpoint| endpoint.set_weight(weight), |_| true)
    }

    /// All endpoints in the order of their insertion, with those that are draining. The list doesn't change
    /// afterwards, but the endpoints in it are live: their weight, health and counters are those of the moment at
    /// which they are read.
    pub fn snapshot(&self) -> Vec<Arc<Endpoint<S>>> {
        self.pool.set().members().to_vec()
    }

    #[cfg(feature = "probes")]
    pub(crate) fn downgrade(&self) -> Weak<Pool<S, dyn Send + Sync>> {
        Arc::downgrade(&self.pool)
    }
}

impl<S> Clone for Endpoints<S> {
    fn clone(&self) -> Self {
        Self { pool: Arc::clone(&self.pool) }
    }
}

impl<S> fmt::Debug for Endpoints<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.snapshot()).finish()
    }
}
