//! The last seconds of one route.

use std::collections::VecDeque;

use crate::observe::metrics::{Counted, Recent, Tally};

/// How many seconds are looked back on.
const SECONDS: usize = 10;

/// What was counted at the end of each of the last seconds: 6.5 KiB.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// The newest is the last one.
    moments: VecDeque<Moment>,
}

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
        let now = Moment { failed: counted.failed, total: counted.total.clone() };
        if self.moments.is_empty() {
            // A meter begins at zero.
            self.moments.push_back(Moment::default());
        }
        let since = self.moments.back().map(|before| now.since(before)).unwrap_or_default();
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
}
