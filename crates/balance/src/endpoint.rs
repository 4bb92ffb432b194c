#[cfg(all(test, loom))]
mod models;
mod reports;

use std::{fmt, sync::Arc, time::Duration};

#[cfg(feature = "probes")]
pub(crate) use self::reports::Turn;
use crate::{
    clock::Moment,
    entry::Entry,
    health::{Admission, Condition, Health, Pass, Sent},
    late_failures::LateFailures,
    latency::Latency,
    shared::Shared,
    sync::{AtomicBool, AtomicU16, AtomicU64, Ordering},
};

/// The bit of [`Endpoint::admission`] that says no; the bits below it count what is in flight.
const CLOSED: u64 = 1 << 63;

/// One endpoint: the service that reaches it, its weight, its health and its counters.
///
/// Its identity is its `Arc`: the one given by [`Endpoints::insert`](crate::Endpoints::insert) and
/// [`Endpoints::snapshot`](crate::Endpoints::snapshot) is the one to remove, drain or weigh it by.
/// What it stands for is asked of the service itself: see [`service`](Self::service).
pub struct Endpoint<S> {
    /// Whether it is closed and the in-flight count in *one* word, so that "draining, and nothing in flight" is final: a
    /// request is admitted by the same read-modify-write that would have told it no.
    admission: AtomicU64,
    weight: AtomicU16,
    is_down: AtomicBool,
    pub(crate) condition: Condition,
    requests: AtomicU64,
    failures: AtomicU64,
    pub(crate) latency: Latency,
    pub(crate) late_failures: LateFailures,
    id: u64,
    shared: Arc<Shared>,
    service: S,
}

/// Why an endpoint takes no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Closed,
    Full,
    /// Another request is its trial.
    OnTrial,
}

impl<S> Endpoint<S> {
    /// `ordinal` is its id where the entry has none.
    pub(crate) fn new(entry: Entry<S>, ordinal: u64, shared: Arc<Shared>) -> Arc<Self> {
        let Entry { service, weight, id } = entry;
        Arc::new(Self {
            admission: AtomicU64::new(0),
            weight: AtomicU16::new(weight),
            is_down: AtomicBool::new(false),
            condition: Condition::new(&shared.ward),
            requests: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            latency: Latency::new(),
            late_failures: LateFailures::new(),
            id: id.unwrap_or(ordinal),
            shared,
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

    /// How it fares, and so whether it takes new requests.
    pub fn health(&self) -> Health {
        if self.is_closed() {
            Health::Draining
        } else if self.is_down() {
            Health::Down
        } else {
            self.condition.health(&self.shared.ward)
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

    /// Requests that it failed since it was inserted, on a call, while it was asked for readiness, or (where bodies are
    /// tracked) in a body; what a failure is, is up to [`Classify`](crate::Classify). A statistic: it orders nothing.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// How long it takes to answer, as it stands `now`: an average that rises to every slower answer at once, and falls
    /// with a time constant of 10 s both to faster ones and to 0 while there are none.
    ///
    /// `None` until it was measured, which it is only for a policy that asks for it
    /// ([`Policy::failure_penalty`](crate::Policy::failure_penalty)).
    pub fn latency(&self, now: Moment) -> Option<Duration> {
        self.latency.nanos_at(now).map(|nanos| Duration::from_nanos(nanos as u64))
    }

    /// Completes when it is draining or removed, and the last request in flight there is over.
    pub async fn drained(&self) {
        loop {
            let drained = self.shared.drained.notified();
            if self.admission.load(Ordering::Acquire) == CLOSED {
                return;
            }
            drained.await;
        }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Whether it would take a request now, were its service ready: it isn't ejected, and not full.
    pub(crate) fn has_room(&self) -> bool {
        let is_full = self.shared.queue.max_in_flight().is_some_and(|most| self.in_flight() >= most);
        !is_full && self.condition.admission_in_need(&self.shared.ward) != Admission::Ejected
    }

    /// Takes no new request from here on.
    pub(crate) fn close(&self) {
        if self.admission.fetch_or(CLOSED, Ordering::AcqRel) == 0 {
            self.shared.drained.notify_waiters();
        }
        self.condition.leave(&self.shared.ward);
    }

    /// Published by the set that is made after it, as is a [`turn`](Self::turn): `Relaxed` is enough.
    pub(crate) fn set_weight(&self, weight: u16) {
        self.weight.store(weight, Ordering::Relaxed);
    }

    /// Begins a request, unless the endpoint is closed or has as many in flight as it may.
    ///
    /// A refusal shows in [`in_flight`](Self::in_flight) for a moment: it can delay a drain, never end it early.
    pub(crate) fn admit(&self, sent: Sent) -> Result<Pass, Refused> {
        if let Some(most) = self.shared.queue.max_in_flight() {
            let one_more = |admission: u64| (admission < most).then_some(admission + 1);
            self.admission
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more)
                .map_err(|admission| if admission & CLOSED == 0 { Refused::Full } else { Refused::Closed })?;
        } else if self.admission.fetch_add(1, Ordering::AcqRel) & CLOSED != 0 {
            self.end();
            return Err(Refused::Closed);
        }
        let pass = match sent {
            Sent::OnTrial => self.condition.claim_trial(&self.shared.ward),
            Sent::Normally | Sent::AsLastResort => Some(self.condition.pass(sent)),
        };
        let Some(pass) = pass else {
            self.end();
            return Err(Refused::OnTrial);
        };
        self.requests.fetch_add(1, Ordering::Relaxed);
        Ok(pass)
    }

    /// One request less in flight.
    pub(crate) fn end(&self) {
        if self.admission.fetch_sub(1, Ordering::Release) == CLOSED | 1 {
            self.shared.drained.notify_waiters();
        }
        self.shared.queue.note_freed();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.admission.load(Ordering::Acquire) & CLOSED != 0
    }

    pub(crate) fn is_down(&self) -> bool {
        self.is_down.load(Ordering::Relaxed)
    }
}

impl<S> fmt::Debug for Endpoint<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("id", &self.id)
            .field("weight", &self.weight())
            .field("health", &self.health())
            .field("in_flight", &self.in_flight())
            .field("requests", &self.requests())
            .field("failures", &self.failures())
            .finish_non_exhaustive()
    }
}
