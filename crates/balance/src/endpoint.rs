use std::{fmt, sync::Arc};

use crate::{
    health::Health,
    sync::{AtomicU16, AtomicU64, Ordering},
};

/// The bit of [`Endpoint::admission`] that says no; the bits below it count what is in flight.
const CLOSED: u64 = 1 << 63;

/// One endpoint: the service that reaches it, its weight, its health and its counters.
///
/// Its identity is its `Arc`: the one given by [`Endpoints::insert`](crate::Endpoints::insert) and
/// [`Endpoints::snapshot`](crate::Endpoints::snapshot) is the one to remove, drain or weigh it by.
/// What it stands for is asked of the service itself: see [`service`](Self::service).
pub struct Endpoint<S> {
    /// Health and in-flight count in *one* word, so that "draining, and nothing in flight" is final: a request
    /// is admitted by the same read-modify-write that would have told it no.
    admission: AtomicU64,
    weight: AtomicU16,
    requests: AtomicU64,
    failures: AtomicU64,
    id: u64,
    service: S,
}

impl<S> Endpoint<S> {
    pub(crate) fn new(service: S, weight: u16, id: u64) -> Arc<Self> {
        Arc::new(Self {
            admission: AtomicU64::new(0),
            weight: AtomicU16::new(weight),
            requests: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            id,
            service,
        })
    }

    /// The service as it was built for this endpoint; every request is sent on a clone of it.
    pub fn service(&self) -> &S {
        &self.service
    }

    /// What tells it from the others in a hash: see [`Entry::id`](crate::Entry::id).
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Its weight against the others'; 0 takes no new picks.
    pub fn weight(&self) -> u16 {
        self.weight.load(Ordering::Relaxed)
    }

    /// Whether it takes new requests.
    pub fn health(&self) -> Health {
        match self.admission.load(Ordering::Acquire) & CLOSED {
            0 => Health::Available,
            _ => Health::Draining,
        }
    }

    /// Requests begun and not yet over, in requests.
    ///
    /// Once [`health`](Self::health) is draining, a 0 read here is final: none will be begun any more, and the
    /// work of all that were is visible to the reader (`Acquire`, against the `Release` of each end).
    pub fn in_flight(&self) -> u64 {
        self.admission.load(Ordering::Acquire) & !CLOSED
    }

    /// Requests sent to it since it was inserted. A statistic: it orders nothing (`Relaxed`).
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Errors its service answered with since it was inserted, whether on a call, while it was asked for readiness,
    /// or (where bodies are tracked) in a body. A statistic: it orders nothing (`Relaxed`).
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Whether a request may still wait for it.
    pub(crate) fn is_serving(&self) -> bool {
        self.weight() > 0 && self.health() == Health::Available
    }

    /// Takes no new request from here on.
    pub(crate) fn close(&self) {
        self.admission.fetch_or(CLOSED, Ordering::AcqRel);
    }

    /// Published by the set that is made after it: `Relaxed` is enough.
    pub(crate) fn set_weight(&self, weight: u16) {
        self.weight.store(weight, Ordering::Relaxed);
    }

    /// Begins a request, unless the endpoint is closed.
    ///
    /// A refusal shows in [`in_flight`](Self::in_flight) for a moment: it can delay a drain, never end it early.
    pub(crate) fn admit(self: Arc<Self>) -> Option<InFlight<S>> {
        let before = self.admission.fetch_add(1, Ordering::AcqRel);
        let in_flight = InFlight { endpoint: self };
        if before & CLOSED != 0 {
            return None;
        }
        in_flight.endpoint.requests.fetch_add(1, Ordering::Relaxed);
        Some(in_flight)
    }

    pub(crate) fn count_failure(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }
}

impl<S> fmt::Debug for Endpoint<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("weight", &self.weight())
            .field("health", &self.health())
            .field("in_flight", &self.in_flight())
            .field("requests", &self.requests())
            .field("failures", &self.failures())
            .finish_non_exhaustive()
    }
}

/// One request in flight at an endpoint, until this is dropped.
pub struct InFlight<S> {
    endpoint: Arc<Endpoint<S>>,
}

impl<S> InFlight<S> {
    /// The endpoint that has the request.
    pub fn endpoint(&self) -> &Arc<Endpoint<S>> {
        &self.endpoint
    }
}

impl<S> Drop for InFlight<S> {
    fn drop(&mut self) {
        self.endpoint.admission.fetch_sub(1, Ordering::Release);
    }
}

impl<S> fmt::Debug for InFlight<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight").field("endpoint", &self.endpoint).finish()
    }
}
