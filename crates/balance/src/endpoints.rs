#[cfg(feature = "probes")]
use std::sync::Weak;
use std::{fmt, sync::Arc};

use crate::{endpoint::Endpoint, entry::Entry, new_endpoint::NewEndpoint, pool::Pool, targets::Targets};

/// The control handle of a balancer: changes its endpoints while it serves.
///
/// Cheap to clone, and apart from the balancer's own type: one handle type for every policy over `S`. A change costs
/// time and memory in the number of endpoints, holds nobody up, and is seen by every pick that begins after it
/// returned; changes from several threads don't lose each other.
pub struct Endpoints<S> {
    pool: Arc<Pool<S, dyn Send + Sync>>,
}

impl<S> Endpoints<S> {
    pub(crate) fn new(pool: Arc<Pool<S, dyn Send + Sync>>) -> Self {
        Self { pool }
    }

    /// Adds an endpoint of weight 1 behind the others.
    pub fn insert(&self, service: S) -> Arc<Endpoint<S>> {
        self.insert_weighted(service, 1)
    }

    /// Adds an endpoint behind the others. Weight 0 takes no picks until [`set_weight`](Self::set_weight).
    pub fn insert_weighted(&self, service: S, weight: u16) -> Arc<Endpoint<S>> {
        self.add(Entry::new(service).weight(weight))
    }

    /// Adds an endpoint behind the others.
    pub fn add(&self, entry: Entry<S>) -> Arc<Endpoint<S>> {
        let endpoint = self.pool.endpoint(entry);
        self.pool.update(|set| {
            let added = std::iter::once(Arc::clone(&endpoint));
            Some(set.members().iter().cloned().chain(added).collect())
        });
        endpoint
    }

    /// Whole sets of targets instead of single endpoints, for what a resolver or a registry finds: `make` makes the
    /// service that reaches one.
    pub fn by_target<T, M>(&self, make: M) -> Targets<T, S, M>
    where
        M: NewEndpoint<T, Service = S>,
    {
        Targets::new(Arc::downgrade(&self.pool), make)
    }

    /// Takes an endpoint out. What is in flight there finishes; nothing new is begun, ever. False if it was not in.
    pub fn remove(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        self.pool.change(endpoint, Endpoint::close, |member| !Arc::ptr_eq(member, endpoint))
    }

    /// Lets an endpoint finish what is in flight and begin nothing new, ever; it stays in the
    /// [`snapshot`](Self::snapshot), so that its last requests can be watched. False if it was not in.
    ///
    /// Once [`Endpoint::in_flight`] then reads 0, it is done. To pause an endpoint and bring it back, set its weight
    /// to 0 instead.
    pub fn drain(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        self.pool.change(endpoint, Endpoint::close, |_| true)
    }

    /// Gives an endpoint another weight; 0 pauses it. False if it was not in.
    pub fn set_weight(&self, endpoint: &Arc<Endpoint<S>>, weight: u16) -> bool {
        self.pool.change(endpoint, |endpoint| endpoint.set_weight(weight), |_| true)
    }

    /// All endpoints in the order of their insertion, with those that drain. The list stays as it is, the endpoints
    /// in it live on: what they say is of the moment they are asked.
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
