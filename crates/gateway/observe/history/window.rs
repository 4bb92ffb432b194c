//! The last seconds of one route.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock};

use crate::observe::metrics::{Counted, Recent, Tally};

/// How many seconds are looked back on.
const SECONDS: usize = 10;

/// What was counted at the end of each of the last seconds: 6.5 KiB of a route with requests in all of them, and next to
/// nothing of one without.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// The newest is the last one. If nothing has happened in a second, it is the one before.
    moments: VecDeque<Arc<Moment>>,
}

/// A meter begins at zero.
static BEGINNING: LazyLock<Arc<Moment>> = LazyLock::new(Arc::default);

#[derive(Debug, Default)]
struct Moment {
    failed: u64,
    total: Tally,
}

/// What happened between two moments.
#[derive(Debug, Default)]
pub(super) struct Since {
    pub(super) failed: u64,
    pub(super) total: Tally,
}

impl Window {
    /// Another second is over. Returns what happened in it.
    pub(super) fn tick(&mut self, counted: &Counted) -> Since {
        if self.moments.is_empty() {
            self.moments.push_back(Arc::clone(&BEGINNING));
        }
        let before = self.moments.back().unwrap_or(&BEGINNING);
        let now = before.until(counted);
        let since = now.since(before);
        if self.moments.len() > SECONDS {
            self.moments.pop_front();
        }
        self.moments.push_back(now);
        since
    }

    pub(super) fn recent(&self) -> Recent {
        let Some((first, last)) = self.moments.front().zip(self.moments.back()) else {
            return Recent::default();
        };
        let Since { failed, total } = last.since(first);
        let seconds = (self.moments.len() - 1).max(1) as f64;
        Recent {
            requests_per_second: total.count() as f64 / seconds,
            errors_per_second: failed as f64 / seconds,
            p50: total.permille(500),
            p99: total.permille(990),
        }
    }
}

impl Moment {
    /// The moment at which this was counted: the same one if nothing has happened since.
    fn until(self: &Arc<Self>, counted: &Counted) -> Arc<Self> {
        match self.failed == counted.failed && self.total == counted.total {
            true => Arc::clone(self),
            false => Arc::new(Self { failed: counted.failed, total: counted.total.clone() }),
        }
    }

    fn since(&self, before: &Self) -> Since {
        Since { failed: self.failed.saturating_sub(before.failed), total: &self.total - &before.total }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::observe::metrics::Durations;

    #[test]
    fn a_route_is_judged_by_its_last_ten_seconds() {
        let (durations, mut window) = (Durations::default(), Window::default());
        assert_eq!(window.recent(), Recent::default());
        let mut tick = |requests: u64, millis, failed| {
            (0..requests).for_each(|_| durations.add(Duration::from_millis(millis)));
            let counted = Counted { failed, total: durations.tally(), ..Counted::default() };
            let since = window.tick(&counted);
            (since.total.count(), since.failed, window.recent())
        };
        let (count, failed, recent) = tick(100, 40, 3);
        assert_eq!(
            (count, failed, recent.requests_per_second, recent.errors_per_second),
            (100, 3, 100.0, 3.0)
        );
        let (count, failed, recent) = tick(0, 0, 3);
        assert_eq!((count, failed, recent.requests_per_second, recent.errors_per_second), (0, 0, 50.0, 1.5));
        for _ in 3..=10 {
            tick(0, 0, 3);
        }
        let (_, _, recent) = tick(10, 1000, 3);
        assert_eq!(
            (recent.requests_per_second, recent.errors_per_second),
            (1.0, 0.0),
            "the first second is past"
        );
        assert!(recent.p50 > Some(Duration::from_millis(800)), "{recent:?}");
        for _ in 0..10 {
            tick(0, 0, 3);
        }
        assert_eq!(tick(0, 0, 3).2, Recent::default());
    }

    #[test]
    fn seconds_without_requests_take_no_memory() {
        let (durations, mut window) = (Durations::default(), Window::default());
        let mut moments_after = |requests: u64| {
            (0..requests).for_each(|_| durations.add(Duration::from_millis(1)));
            window.tick(&Counted { total: durations.tally(), ..Counted::default() });
            let mut moments: Vec<_> = window.moments.iter().map(Arc::as_ptr).collect();
            moments.dedup();
            moments.len()
        };
        assert_eq!([0, 0, 1, 0, 0].map(&mut moments_after), [1, 1, 2, 2, 2]);
    }
}
