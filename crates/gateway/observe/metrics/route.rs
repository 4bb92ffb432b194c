//! `RouteMeter`: what is counted of a route's requests.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use http::{Method, StatusCode};

use super::classes::{METHODS, STATUSES, of_method, of_status};
use super::durations::{Durations, Tally};
use super::named::Named;
use super::recent::Recent;
use super::slot::Parted;

/// What is counted of the requests of one route. It is made with the route, and the same one is used by all generations
/// that have a route of this name. Counting takes no lock.
#[derive(Debug)]
pub(crate) struct RouteMeter {
    name: Box<str>,
    parts: Parted<Part>,
    /// By the names of errors, once there was one. They are rare, so all threads write the same ones.
    errors: OnceLock<Box<Named>>,
    /// What became of requests that were chosen for a mirror, once there was one.
    mirrored: OnceLock<Box<Named>>,
    /// The last ten seconds, as the sampler has found them.
    recent: ArcSwap<Recent>,
}

/// What one thread has counted, or a few.
#[derive(Debug, Default)]
struct Part {
    /// A request may begin on one thread and end on another, so this may be below zero. The sum isn't.
    in_flight: AtomicI64,
    failed: AtomicU64,
    received: AtomicU64,
    sent: AtomicU64,
    total: Durations,
    head: Durations,
    /// By method and status. Most routes see few methods, so the others take no room.
    requests: [OnceLock<Box<[AtomicU64; STATUSES.len()]>>; METHODS.len()],
}

/// A request that has ended, as it is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome<'a> {
    /// `None` if it couldn't be read.
    pub(crate) method: Option<&'a Method>,
    pub(crate) status: StatusCode,
    /// From its head to the end of its answer.
    pub(crate) total: Duration,
    /// From its head to that of its answer. `None` if there was no answer.
    pub(crate) head: Option<Duration>,
    /// The bytes of its body.
    pub(crate) received: u64,
    /// The bytes of its answer's body.
    pub(crate) sent: u64,
    /// The name of the error, if there was one.
    pub(crate) error: Option<&'static str>,
    /// Whether the answer was a 5xx, or broke off through no fault of the client.
    pub(crate) has_failed: bool,
}

/// What a meter has counted, added up over all threads. The numbers are read one after the other.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    pub(crate) in_flight: u64,
    pub(crate) failed: u64,
    pub(crate) received: u64,
    pub(crate) sent: u64,
    /// How long the requests took. There is one for each that has outcome.
    pub(crate) total: Tally,
    pub(crate) head: Tally,
}

impl RouteMeter {
    /// The meter of a route that so many threads serve.
    pub(super) fn new(name: &str, threads: usize) -> Self {
        Self {
            name: name.into(),
            parts: Parted::for_threads(threads),
            errors: OnceLock::new(),
            mirrored: OnceLock::new(),
            recent: ArcSwap::default(),
        }
    }

    /// The name of the route.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A request begins. [`end`](Self::end) has to follow.
    pub(crate) fn begin(&self) {
        if let Some(part) = self.parts.mine() {
            part.in_flight.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A request ends that [began](Self::begin).
    pub(crate) fn end(&self, outcome: &Outcome<'_>) {
        if let Some(part) = self.parts.mine() {
            part.in_flight.fetch_sub(1, Ordering::Relaxed);
        }
        self.count(outcome);
    }

    /// Counts a request that has ended, and that was never counted as begun.
    pub(crate) fn count(&self, outcome: &Outcome<'_>) {
        let Some(part) = self.parts.mine() else { return };
        part.count(outcome);
        if let Some(error) = outcome.error {
            self.errors.get_or_init(Box::default).count(error);
        }
    }

    pub(crate) fn counted(&self) -> Counted {
        let (mut sum, mut in_flight) = (Counted::default(), 0);
        for part in self.parts.all() {
            in_flight += part.in_flight.load(Ordering::Relaxed);
            sum.failed += part.failed.load(Ordering::Relaxed);
            sum.received += part.received.load(Ordering::Relaxed);
            sum.sent += part.sent.load(Ordering::Relaxed);
            sum.total += &part.total.tally();
            sum.head += &part.head.tally();
        }
        // It is below zero if a request moved from one thread to another while the numbers were read.
        Counted { in_flight: u64::try_from(in_flight).unwrap_or_default(), ..sum }
    }

    /// How many requests there were of each method and status, but for those that there were none of.
    pub(super) fn requests(&self) -> Vec<(&'static str, &'static str, u64)> {
        let mut requests = Vec::new();
        for (class, method) in METHODS.iter().enumerate() {
            for (status, name) in STATUSES.iter().enumerate() {
                let of_part = |part: &Part| part.requests_of(class, status);
                let count: u64 = self.parts.all().map(of_part).sum();
                if count > 0 {
                    requests.push((*method, *name, count));
                }
            }
        }
        requests
    }

    /// The errors that there were, by name.
    pub(super) fn errors(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.errors.get().into_iter().flat_map(|named| named.counts())
    }

    /// Counts a request that was chosen for a mirror.
    pub(crate) fn count_mirrored(&self, result: &'static str) {
        self.mirrored.get_or_init(Box::default).count(result);
    }

    /// What became of requests that were chosen for a mirror, by name.
    pub(super) fn mirrored(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.mirrored.get().into_iter().flat_map(|named| named.counts())
    }

    /// The last ten seconds.
    pub(crate) fn recent(&self) -> Arc<Recent> {
        self.recent.load_full()
    }

    pub(crate) fn set_recent(&self, recent: Recent) {
        self.recent.store(Arc::new(recent));
    }
}

impl Part {
    fn count(&self, outcome: &Outcome<'_>) {
        let method = self.requests.get(of_method(outcome.method));
        let counters =
            method.map(|counters| counters.get_or_init(|| Box::new([const { AtomicU64::new(0) }; _])));
        if let Some(counter) = counters.and_then(|counters| counters.get(of_status(outcome.status))) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        self.total.add(outcome.total);
        if let Some(head) = outcome.head {
            self.head.add(head);
        }
        add(&self.received, outcome.received);
        add(&self.sent, outcome.sent);
        add(&self.failed, outcome.has_failed.into());
    }

    fn requests_of(&self, method: usize, status: usize) -> u64 {
        let counters = self.requests.get(method).and_then(OnceLock::get);
        counters
            .and_then(|counters| counters.get(status))
            .map_or(0, |counter| counter.load(Ordering::Relaxed))
    }
}

/// Most requests have no body, and most haven't failed.
fn add(counter: &AtomicU64, more: u64) {
    if more > 0 {
        counter.fetch_add(more, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn ended(status: u16) -> Outcome<'static> {
        Outcome {
            method: Some(&Method::GET),
            status: StatusCode::from_u16(status).unwrap(),
            total: Duration::from_millis(2),
            head: Some(Duration::from_millis(1)),
            received: 0,
            sent: 10,
            error: None,
            has_failed: status >= 500,
        }
    }

    #[test]
    fn a_request_may_end_on_another_thread_than_it_began() {
        let meter = RouteMeter::new("/", 4);
        thread::scope(|scope| {
            for _ in 0..8 {
                meter.begin();
                scope.spawn(|| meter.end(&ended(200)));
            }
        });
        meter.begin();
        let counted = meter.counted();
        assert_eq!((counted.in_flight, counted.total.count(), counted.head.count()), (1, 8, 8));
        assert_eq!((counted.sent, counted.received, counted.failed), (80, 0, 0));
        assert_eq!(meter.requests(), [("GET", "200", 8)]);
    }

    #[test]
    fn requests_are_counted_by_class() {
        let meter = RouteMeter::new("/", 1);
        let trace = "TRACE".parse().unwrap();
        meter.count(&Outcome { method: Some(&trace), error: Some("connection_refused"), ..ended(502) });
        meter.count(&Outcome { method: None, head: None, ..ended(599) });
        meter.count(&ended(404));
        assert_eq!(meter.requests(), [("GET", "404", 1), ("other", "502", 1), ("other", "5xx", 1)]);
        assert_eq!(meter.errors().collect::<Vec<_>>(), [("connection_refused", 1)]);
        let counted = meter.counted();
        assert_eq!((counted.failed, counted.in_flight, counted.head.count()), (2, 0, 2));
    }
}
