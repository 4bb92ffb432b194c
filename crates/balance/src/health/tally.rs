use super::{outliers::Outliers, ward::Ward, window::Window};
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

    /// Counts a failure. Returns whether it was one too many.
    pub(super) fn count_failure(&self, ward: &Ward, outliers: &Outliers) -> bool {
        let in_a_row = outliers
            .consecutive
            .is_some_and(|most| self.in_a_row.fetch_add(1, Ordering::Relaxed) >= most.saturating_sub(1));
        let too_often = self.recent.as_ref().zip(outliers.rate).is_some_and(|(recent, rate)| {
            let now = ward.now();
            recent.count_failure(now);
            rate.is_reached(recent.counts(now))
        });
        in_a_row || too_often
    }

    pub(super) fn clear(&self) {
        self.in_a_row.store(0, Ordering::Relaxed);
        if let Some(recent) = &self.recent {
            recent.clear();
        }
    }
}
