//! `History`: a sample for each of the last 900 seconds.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;

/// 15 minutes.
pub(crate) const MOST: usize = 900;

/// What happened in one second, over all routes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// The end of the second.
    pub(crate) at: SystemTime,
    /// Requests that ended in it.
    pub(crate) requests: u64,
    /// Those of them that were answered with a 5xx, or whose answer broke off through no fault of the client.
    pub(crate) errors: u64,
    /// Requests in flight at its end.
    pub(crate) in_flight: u64,
    /// How long half of the requests took at most. `None` without requests.
    pub(crate) p50: Option<Duration>,
    /// How long 99 of 100 requests took at most.
    pub(crate) p99: Option<Duration>,
}

/// The last 900 samples: at most 72 KiB, and twice that while somebody holds on to the samples of before. One task writes it. Whoever reads it waits for nobody.
#[derive(Debug, Default)]
pub(crate) struct History(ArcSwap<Vec<Sample>>);

impl History {
    /// The samples, oldest first.
    pub(crate) fn samples(&self) -> Arc<Vec<Sample>> {
        self.0.load_full()
    }

    /// The last sample, once there is one.
    pub(crate) fn last(&self) -> Option<Sample> {
        self.0.load().last().copied()
    }

    /// Adds a sample, and lets go of the oldest one if there are too many. Only one task may do this.
    pub(super) fn add(&self, sample: Sample) {
        let before = self.0.load();
        let kept = before.iter().skip((before.len() + 1).saturating_sub(MOST));
        let samples = kept.copied().chain([sample]).collect();
        self.0.store(Arc::new(samples));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(requests: u64) -> Sample {
        let at = SystemTime::UNIX_EPOCH;
        Sample { at, requests, errors: 0, in_flight: 0, p50: None, p99: None }
    }

    #[test]
    fn the_oldest_samples_go_first() {
        let history = History::default();
        assert_eq!(history.last(), None);
        (0..MOST as u64 + 2).for_each(|number| history.add(sample(number)));
        let samples = history.samples();
        let numbers: Vec<_> = samples.iter().map(|sample| sample.requests).collect();
        assert_eq!(numbers, (2..MOST as u64 + 2).collect::<Vec<_>>());
        assert_eq!(history.last(), Some(sample(MOST as u64 + 1)));
    }

    #[test]
    fn the_memory_is_what_the_page_says() {
        assert!(size_of::<Sample>() * MOST <= 72 * 1024, "{}", size_of::<Sample>());
    }
}
