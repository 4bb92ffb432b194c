use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::sync::futures::OwnedNotified;
use tower_service::Service;

use crate::{
    endpoint::{Endpoint, InFlight},
    error::{BoxError, NoEndpoints},
    passed::Passed,
    policy::Policy,
    pool::Pool,
    set::Set,
};

/// The most endpoints one request waits for at a time. It asks every endpoint, but where none is ready it keeps only
/// this many clones (and their wakers), so that a request costs no more for there being thousands.
const MAX_WAITING: usize = 32;

/// One request's search for an endpoint that is ready.
///
/// Empty, and without an allocation, for as long as the first pick is ready.
pub(crate) struct Search<S> {
    /// Endpoints that this request must not be sent to (again).
    failed: Vec<Arc<Endpoint<S>>>,
    /// The last error of an endpoint that was asked for readiness.
    error: Option<BoxError>,
    /// Clones that were not ready and hold our waker.
    waiting: Vec<Candidate<S>>,
    /// The set that has been asked through, by its generation.
    searched: Option<u64>,
    changed: Option<Pin<Box<OwnedNotified>>>,
}

/// An endpoint that may be called, with the very clone that said it is ready.
pub(crate) struct Found<S> {
    pub(crate) service: S,
    pub(crate) in_flight: InFlight<S>,
}

struct Candidate<S> {
    endpoint: Arc<Endpoint<S>>,
    service: S,
}

impl<S> Search<S> {
    pub(crate) fn new() -> Self {
        Self { failed: Vec::new(), error: None, waiting: Vec::new(), searched: None, changed: None }
    }

    /// An endpoint for `request`, chosen by the pool's policy among those that are ready; waits only if none is.
    pub(crate) fn poll<Req, P>(
        &mut self,
        cx: &mut Context<'_>,
        pool: &Pool<S, P>,
        request: &Req,
    ) -> Poll<Result<Found<S>, BoxError>>
    where
        S: Service<Req, Error: Into<BoxError>> + Clone,
        P: Policy<Req>,
    {
        let mut found = self.poll_waiting(cx);
        loop {
            let set = pool.set();
            if found.is_none() && self.searched.replace(set.generation()) != Some(set.generation()) {
                found = self.search(cx, &set, pool.policy(), request);
            }
            drop(set);
            if let Some(found) = found {
                self.stop_waiting();
                return Poll::Ready(Ok(found));
            }
            if self.waiting.is_empty() {
                return Poll::Ready(Err(self.error.take().unwrap_or_else(|| NoEndpoints.into())));
            }
            // Armed first and looked at after another look at the set, so that no change falls in between.
            match &mut self.changed {
                None => self.changed = Some(Box::pin(pool.changed())),
                Some(changed) => {
                    ready!(changed.as_mut().poll(cx));
                    self.changed = None;
                }
            }
        }
    }

    /// Leaves `endpoint` out from here on, and starts over; says whether any other is left.
    pub(crate) fn exclude<P: ?Sized>(&mut self, endpoint: Arc<Endpoint<S>>, pool: &Pool<S, P>) -> bool {
        self.failed.push(endpoint);
        self.searched = None;
        pool.set().endpoints().iter().any(|endpoint| !self.has_failed(endpoint))
    }

    /// Asks those that were not ready before.
    fn poll_waiting<Req>(&mut self, cx: &mut Context<'_>) -> Option<Found<S>>
    where
        S: Service<Req, Error: Into<BoxError>> + Clone,
    {
        if self.waiting.is_empty() {
            return None;
        }
        let found = std::mem::take(&mut self.waiting)
            .into_iter()
            .filter(|candidate| candidate.endpoint.is_serving())
            .find_map(|candidate| self.ask(cx, candidate));
        if self.waiting.is_empty() {
            // Nobody is left to wake us, but there may be some that were asked and not kept.
            self.searched = None;
        }
        found
    }

    /// Asks every endpoint of `set` that was not asked yet, in the policy's order, until one is ready.
    fn search<Req, P>(
        &mut self,
        cx: &mut Context<'_>,
        set: &Set<S>,
        policy: &P,
        request: &Req,
    ) -> Option<Found<S>>
    where
        S: Service<Req, Error: Into<BoxError>> + Clone,
        P: Policy<Req>,
    {
        let mut passed = self.already_asked(set);
        while passed.len() < set.endpoints().len() {
            let index = policy.pick(request, set, &passed)?;
            let endpoint = set.endpoints().get(index)?;
            let found = self.ask(cx, Candidate::of(endpoint));
            // A policy that repeats itself has no other to offer.
            if found.is_some() || !passed.insert(index) {
                return found;
            }
        }
        None
    }

    fn ask<Req>(&mut self, cx: &mut Context<'_>, mut candidate: Candidate<S>) -> Option<Found<S>>
    where
        S: Service<Req, Error: Into<BoxError>>,
    {
        match candidate.service.poll_ready(cx) {
            Poll::Ready(Ok(())) => {
                let in_flight = candidate.endpoint.admit()?;
                return Some(Found { service: candidate.service, in_flight });
            }
            Poll::Ready(Err(error)) => {
                candidate.endpoint.count_failure();
                self.error = Some(error.into());
                self.failed.push(candidate.endpoint);
            }
            Poll::Pending if self.waiting.len() < MAX_WAITING => self.waiting.push(candidate),
            Poll::Pending => {}
        }
        None
    }

    fn already_asked(&self, set: &Set<S>) -> Passed {
        let mut passed = Passed::default();
        if self.failed.is_empty() && self.waiting.is_empty() {
            return passed;
        }
        for (index, endpoint) in set.endpoints().iter().enumerate() {
            if self.has_failed(endpoint) || self.is_waiting_for(endpoint) {
                passed.insert(index);
            }
        }
        passed
    }

    fn has_failed(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        self.failed.iter().any(|failed| Arc::ptr_eq(failed, endpoint))
    }

    fn is_waiting_for(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        self.waiting.iter().any(|waiting| Arc::ptr_eq(&waiting.endpoint, endpoint))
    }

    /// Gives up the places held in the queues of those that were not ready.
    fn stop_waiting(&mut self) {
        self.waiting.clear();
        self.changed = None;
    }
}

impl<S: Clone> Candidate<S> {
    fn of(endpoint: &Arc<Endpoint<S>>) -> Self {
        Self { endpoint: Arc::clone(endpoint), service: endpoint.service().clone() }
    }
}
