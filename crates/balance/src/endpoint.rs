mod by_hand;
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
    sync::{AtomicBool, AtomicU8, AtomicU16, AtomicU64, Ordering},
};

/// The bit of [`Endpoint::admission`] that is set once the endpoint is closed.
const CLOSED: u64 = 1 << 63;
/// The bit that is set while the endpoint is paused. The bits below it count the requests in flight.
const PAUSED: u64 = 1 << 62;

/// One endpoint: the service that reaches it, its weight, its health and its counters.
///
/// An endpoint is known by its `Arc`: to remove, drain or weigh one, pass the `Arc` that
/// [`Endpoints::insert`](crate::Endpoints::insert) or [`Endpoints::snapshot`](crate::Endpoints::snapshot) returned.
/// What it connects to, such as an address, only its [`service`](Self::service) knows.
pub struct Endpoint<S> {
    /// The closed bit, the paused bit and the number of requests in flight, in *one* word. A request is admitted by the
    /// same atomic operation that would have found a bit set. So once the endpoint is closed and the count is 0, it
    /// stays 0.
    admission: AtomicU64,
    weight: AtomicU16,
    priority: AtomicU8,
    is_down: AtomicBool,
    /// When it was closed or paused, in nanoseconds of the clock.
    turned: AtomicU64,
    /// When probes found it down.
    down_since: AtomicU64,
    inserted: Moment,
    pub(crate) condition: Condition,
    requests: AtomicU64,
    failures: AtomicU64,
    pub(crate) latency: Latency,
    pub(crate) late_failures: LateFailures,
    id: u64,
    shared: Arc<Shared>,
    service: S,
}

/// Why an endpoint refused a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Or paused.
    Closed,
    Full,
    /// Another request is already on trial at it.
    OnTrial,
}

impl<S> Endpoint<S> {
    /// `ordinal` becomes the id if the entry has none.
    pub(crate) fn new(entry: Entry<S>, ordinal: u64, shared: Arc<Shared>) -> Arc<Self> {
        let Entry { service, weight, priority, id } = entry;
        Arc::new(Self {
            admission: AtomicU64::new(0),
            weight: AtomicU16::new(weight),
            priority: AtomicU8::new(priority),
            is_down: AtomicBool::new(false),
            turned: AtomicU64::new(0),
            down_since: AtomicU64::new(0),
            inserted: shared.ward.now(),
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

    /// The service that was built for this endpoint. Each request is sent on a clone of it.
    pub fn service(&self) -> &S {
        &self.service
    }

    /// The id by which it is known in a hash: see [`Entry::id`](crate::Entry::id).
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Its present weight. An endpoint of weight 0 gets no new requests.
    pub fn weight(&self) -> u16 {
        self.weight.load(Ordering::Relaxed)
    }

    /// The number of its present tier: see [`Entry::priority`](crate::Entry::priority).
    pub fn priority(&self) -> u8 {
        self.priority.load(Ordering::Relaxed)
    }

    /// Its present health, which decides whether it gets new requests.
    pub fn health(&self) -> Health {
        if self.is_closed() {
            Health::Draining
        } else if self.is_paused() {
            Health::Paused
        } else if self.is_down() {
            Health::Down
        } else {
            self.condition.health(&self.shared.ward)
        }
    }

    /// How many requests were begun and are not over yet.
    ///
    /// Once [`health`](Self::health) is [`Draining`](Health::Draining) and this is 0, it stays 0: no request will
    /// begin, and whoever read the 0 sees everything that the requests did (`Acquire` here, `Release` when each
    /// ended). The same goes for [`Paused`](Health::Paused), until the endpoint is resumed.
    pub fn in_flight(&self) -> u64 {
        self.admission.load(Ordering::Acquire) & !(CLOSED | PAUSED)
    }

    /// How many requests were sent to it since it was inserted. This is a statistic: reading it synchronizes with
    /// nothing (`Relaxed`).
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// How many requests it failed since it was inserted: when it was asked for readiness, when it was called or,
    /// where bodies are tracked, in a body. [`Classify`](crate::Classify) decides what a failure is. This is a
    /// statistic, like [`requests`](Self::requests).
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// How often it was ejected since it was inserted, for its failures or by hand. This is a statistic, like
    /// [`requests`](Self::requests).
    pub fn ejections(&self) -> u64 {
        self.condition.ejections_in_all()
    }

    /// How long the endpoint takes to answer: an average that rises to each slower answer at once. It falls towards
    /// faster answers, and towards 0 while there are none, with a time constant of 10 s.
    ///
    /// `None` until it was measured. It is measured only if the policy asks for that by
    /// [`Policy::failure_penalty`](crate::Policy::failure_penalty).
    pub fn latency(&self, now: Moment) -> Option<Duration> {
        self.latency.nanos_at(now).map(|nanos| Duration::from_nanos(nanos as u64))
    }

    /// Completes when the endpoint is draining or removed and its last request is over.
    pub async fn drained(&self) {
        loop {
            let drained = self.shared.drained.notified();
            if self.admission.load(Ordering::Acquire) & !PAUSED == CLOSED {
                return;
            }
            drained.await;
        }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Whether it is neither ejected nor full, so that it would take a request if its service is ready.
    pub(crate) fn has_room(&self) -> bool {
        let is_full = self.shared.queue.max_in_flight().is_some_and(|most| self.in_flight() >= most);
        !is_full && self.condition.admission_in_need(&self.shared.ward) != Admission::Ejected
    }

    /// Whether it takes its full share of the requests, as far as these have shown.
    pub(crate) fn is_well(&self) -> bool {
        self.condition.health(&self.shared.ward) == Health::Available
    }

    /// Closes the endpoint: it takes no new request from here on.
    pub(crate) fn close(&self) {
        if !self.is_closed() {
            self.turned.store(self.shared.ward.now().as_nanos(), Ordering::Relaxed);
        }
        if self.admission.fetch_or(CLOSED, Ordering::AcqRel) & !PAUSED == 0 {
            self.shared.drained.notify_waiters();
        }
        self.condition.leave(&self.shared.ward);
    }

    /// `Relaxed` is enough, because each change is followed by a new set, and publishing the set publishes it. The
    /// same goes for [`set_priority`](Self::set_priority) and [`turn`](Self::turn).
    pub(crate) fn set_weight(&self, weight: u16) {
        self.weight.store(weight, Ordering::Relaxed);
    }

    pub(crate) fn set_priority(&self, priority: u8) {
        self.priority.store(priority, Ordering::Relaxed);
    }

    /// Begins a request, unless the endpoint is closed or paused, has as many in flight as it may, or is tried by another
    /// request.
    ///
    /// [`end`](Self::end) has to follow.
    ///
    /// A refused request is counted in [`in_flight`](Self::in_flight) for a moment. That can delay the end of a
    /// drain. It can't make a drain end early.
    pub(crate) fn admit(&self, sent: Sent) -> Result<Pass, Refused> {
        if let Some(most) = self.shared.queue.max_in_flight() {
            let one_more = |admission: u64| (admission < most).then_some(admission + 1);
            self.admission
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more)
                .map_err(|admission| if is_open(admission) { Refused::Full } else { Refused::Closed })?;
        } else if !is_open(self.admission.fetch_add(1, Ordering::AcqRel)) {
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

    /// Ends a request that was begun.
    pub(crate) fn end(&self) {
        if self.admission.fetch_sub(1, Ordering::Release) & !PAUSED == CLOSED | 1 {
            self.shared.drained.notify_waiters();
        }
        self.shared.queue.note_freed();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.admission.load(Ordering::Acquire) & CLOSED != 0
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.admission.load(Ordering::Acquire) & PAUSED != 0
    }

    /// Whether it takes requests if it is healthy and has a weight.
    pub(crate) fn is_open(&self) -> bool {
        is_open(self.admission.load(Ordering::Acquire))
    }

    /// When it was last closed or paused.
    pub(crate) fn turned(&self) -> Moment {
        Moment::from_nanos(self.turned.load(Ordering::Relaxed))
    }

    pub(crate) fn down_since(&self) -> Moment {
        Moment::from_nanos(self.down_since.load(Ordering::Relaxed))
    }

    pub(crate) fn inserted(&self) -> Moment {
        self.inserted
    }

    pub(crate) fn is_down(&self) -> bool {
        self.is_down.load(Ordering::Relaxed)
    }
}

fn is_open(admission: u64) -> bool {
    admission & (CLOSED | PAUSED) == 0
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
