use super::{
    cause::Cause,
    outliers::Outliers,
    ward::Ward,
    window::{Counts, Window},
};
use crate::sync::{AtomicU32, Ordering};

/// The counters that lead up to an ejection: how an endpoint's requests went in its present life.
pub(super) struct Tally {
    /// The number of failures since the last success.
    in_a_row: AtomicU32,
    recent: Option<Window>,
}

impl Tally {
    pub(super) fn new(ward: &Ward) -> Self {
        let rate = ward.outliers.and_then(|outliers| outliers.rate);
        Self { in_a_row: AtomicU32::new(0), recent: rate.map(|rate| Window::new(rate.window)) }
    }

    /// Whether a success changes nothing here, because nothing failed and no rate is counted.
    pub(super) fn is_spotless(&self) -> bool {
        self.in_a_row.load(Ordering::Relaxed) == 0 && self.recent.is_none()
    }

    pub(super) fn count_success(&self, ward: &Ward) {
        // It is read before it is written, so that cores can share the cache line.
        if self.in_a_row.load(Ordering::Relaxed) != 0 {
            self.in_a_row.store(0, Ordering::Relaxed);
        }
        if let Some(recent) = &self.recent {
            recent.count_success(ward.now());
        }
    }

    /// Counts a failure. If it was one too many, returns the cause of the ejection.
    pub(super) fn count_failure(&self, ward: &Ward, outliers: &Outliers) -> Option<Cause> {
        let in_a_row = outliers.consecutive.and_then(|most| {
            let failures = self.in_a_row.fetch_add(1, Ordering::Relaxed).saturating_add(1);
            (failures >= most).then_some(Cause::FailuresInARow(failures))
        });
        let too_often = self.recent.as_ref().zip(outliers.rate).and_then(|(recent, rate)| {
            let now = ward.now();
            recent.count_failure(now);
            let counts = recent.counts(now);
            rate.is_reached(counts).then(|| Cause::of_rate(counts))
        });
        in_a_row.or(too_often)
    }

    /// The number of failures since the last success. It is only counted if failures in a row eject.
    pub(super) fn in_a_row(&self) -> u32 {
        self.in_a_row.load(Ordering::Relaxed)
    }

    /// The latest requests, if a rate of failures is counted.
    pub(super) fn recent(&self, ward: &Ward) -> Option<Counts> {
        self.recent.as_ref().map(|recent| recent.counts(ward.now()))
    }

    pub(super) fn clear(&self) {
        self.in_a_row.store(0, Ordering::Relaxed);
        if let Some(recent) = &self.recent {
            recent.clear();
        }
    }
}
