use crate::{
    clock::Moment,
    fading::{Fading, tick},
    sync::{AtomicU64, Ordering},
};

/// The time constant: a failure counts as 1/e of one after it.
const FADE_NANOS: f64 = 1e9;

/// Less than this is nothing: a single failure is forgotten after 3 s.
const FORGOTTEN: f64 = 0.05;

/// An endpoint's failures of late, each as one at first and then less and less: on the whole as much as if the request had
/// gone on for a second.
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
        // `Relaxed`: the word stands for itself. There is no error.
        _ = self.word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
    }

    /// How many there are; the time is only asked for where there were any.
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
