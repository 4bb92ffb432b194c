#[cfg(feature = "probes")]
use std::sync::Weak;
use std::{fmt, sync::Arc, time::Duration};

use crate::{
    endpoint::Endpoint, entry::Entry, new_endpoint::NewEndpoint, pool::Pool, shares, targets::Targets,
};

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
    /// undone: a [`pause`](Self::pause) can.
    pub fn drain(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        self.pool.change(endpoint, Endpoint::close, |_| true)
    }

    /// Pauses an endpoint: its requests in flight finish, and no new one begins until it is [resumed](Self::resume).
    /// Probes and dials go on. Returns false if it was not in the list.
    ///
    /// A paused endpoint is as if it weren't there: of a tier, those that are left count. Its requests in flight are
    /// over once [`Endpoint::in_flight`] is 0. It is paused for as long as it is in the list, whatever
    /// [`Targets`](crate::Targets) say of it meanwhile.
    pub fn pause(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        self.pool.change(endpoint, Endpoint::pause, |_| true)
    }

    /// Ends a pause and an ejection of an endpoint, however it was ejected. It is not up again if probes find it down.
    /// Returns false if it was not in the list.
    ///
    /// It comes back with a [slow start](crate::SlowStart), if the pool has one.
    pub fn resume(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        self.pool.change(endpoint, Endpoint::resume, |_| true)
    }

    /// Ejects an endpoint for `time`, whatever its requests did, and even if as many are ejected as
    /// [`Outliers::max_share`](crate::Outliers::max_share) allows or nothing ejects endpoints in this pool. Then it is back, without a trial.
    /// Returns false if it was not in the list or is draining.
    ///
    /// As with every ejection, requests go there if there is no other endpoint left. Here their success doesn't end the
    /// ejection, and neither do probes or dials: [`resume`](Self::resume) does.
    pub fn eject(&self, endpoint: &Arc<Endpoint<S>>, time: Duration) -> bool {
        self.pool.set().is_member(endpoint) && endpoint.eject(time)
    }

    /// Changes an endpoint's weight; with 0 it gets no requests. Returns false if it was not in the list.
    pub fn set_weight(&self, endpoint: &Arc<Endpoint<S>>, weight: u16) -> bool {
        self.pool.change(endpoint, |endpoint| endpoint.set_weight(weight), |_| true)
    }

    /// All endpoints in the order of their insertion, with those that are draining. The list doesn't change
    /// afterwards, but the endpoints in it are live: their weight, health and counters are those of the moment at
    /// which they are read.
    pub fn snapshot(&self) -> Vec<Arc<Endpoint<S>>> {
        self.pool.set().members().to_vec()
    }

    /// All endpoints as in a [`snapshot`](Self::snapshot), each with its share of the requests, from 0 to 1, as weights,
    /// tiers and health have it at present. If all are ejected, these are the shares of those that requests are sent
    /// to all the same.
    ///
    /// That is what [`RoundRobin`](crate::RoundRobin) and [`Random`](crate::Random) do. Policies that look at the load,
    /// limits and services that aren't ready have other shares come out.
    pub fn shares(&self) -> Vec<(Arc<Endpoint<S>>, f64)> {
        shares::of(&self.pool.set(), &self.pool.shared().ward)
    }

    /// How often a request was sent to a further endpoint by a [`Retry`](crate::Retry), since the balancer was made.
    /// This is a statistic, like [`Endpoint::requests`].
    pub fn retries(&self) -> u64 {
        self.pool.shared().resent.retries()
    }

    /// How often a request went on to a further endpoint by [failover](crate::Balance::failover), since the balancer
    /// was made. This is a statistic, like [`Endpoint::requests`].
    pub fn failovers(&self) -> u64 {
        self.pool.shared().resent.failovers()
    }

    /// How often a request was sent to a second endpoint by a [`Hedge`](crate::Hedge), since the balancer was made. This
    /// is a statistic, like [`Endpoint::requests`].
    pub fn hedges(&self) -> u64 {
        self.pool.shared().resent.hedges()
    }

    /// How often that second endpoint answered first. This is a statistic, like [`Endpoint::requests`].
    pub fn hedges_won(&self) -> u64 {
        self.pool.shared().resent.won()
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
