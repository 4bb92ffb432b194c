use crate::{
    clock::Moment,
    fading::{Fading, tick},
    sync::{AtomicU64, Ordering},
};

/// The time constant: after it, a failure counts as 1/e.
const FADE_NANOS: f64 = 1e9;

/// Less than this counts as 0: a single failure is forgotten after 3 s.
const FORGOTTEN: f64 = 0.05;

/// The recent failures of an endpoint. Each counts as 1 at first and then less and less: in sum as much as a
/// request that is in flight for a second.
#[derive(Debug)]
pub(crate) struct LateFailures {
    word: AtomicU64,
}

impl LateFailures {
    pub(crate) fn new() -> Self {
        Self { word: AtomicU64::new(0) }
    }

    pub(crate) fn add(&self, now: Moment) {
        let tick = tick(now);
        let one_more = |word| {
            let before = Fading::from_word(word);
            let left = f64::from(before.value) * before.remainder(tick, FADE_NANOS);
            Some(Fading { value: (left + 1.0) as f32, tick }.into_word())
        };
        // `Relaxed`: nothing else is published by this word. The update always succeeds.
        _ = self.word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
    }

    /// The sum of the recent failures. `now` is only called if there were any.
    pub(crate) fn count(&self, now: impl FnOnce() -> Moment) -> f64 {
        let failures = Fading::from_word(self.word.load(Ordering::Relaxed));
        if failures.value == 0.0 {
            return 0.0;
        }
        let left = f64::from(failures.value) * failures.remainder(tick(now()), FADE_NANOS);
        if left < FORGOTTEN { 0.0 } else { left }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(millis: u64) -> Moment {
        Moment::default() + Duration::from_millis(millis)
    }

    #[test]
    fn each_fades_in_seconds_and_is_forgotten_after_three() {
        let failures = LateFailures::new();
        assert!(failures.count(|| panic!("nobody needs to know the time")) == 0.0);
        failures.add(at(0));
        failures.add(at(0));
        for (millis, count) in [(0, 2.0), (1_000, 0.736), (2_000, 0.271), (3_000, 0.1), (4_000, 0.0)] {
            assert!((failures.count(|| at(millis)) - count).abs() < 0.01, "{millis}");
        }
        failures.add(at(1_000));
        assert!((failures.count(|| at(1_000)) - 1.736).abs() < 0.01);
    }
}
