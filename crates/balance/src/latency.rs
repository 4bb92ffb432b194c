use std::time::Duration;

use crate::{
    clock::Moment,
    fading::{Fading, tick},
    sync::{AtomicU64, Ordering},
};

/// The time constant: within it, an average falls to 1/e of its distance from the newest answer.
const DECAY_NANOS: f64 = 10e9;

/// How long an endpoint takes to answer: a moving average over about 10 s that rises to a slow answer at once
/// ("peak EWMA", as in Finagle's `PeakEwma`, linkerd and tower).
///
/// The average and its time share one word: see [`Fading`].
#[derive(Debug)]
pub(crate) struct Latency {
    word: AtomicU64,
}

impl Latency {
    /// For an endpoint that was not measured yet.
    pub(crate) fn new() -> Self {
        Self { word: AtomicU64::new(0) }
    }

    /// Adds an answer that came at `now` and took `sample`. If it is slower than the average, it becomes the
    /// average. Otherwise it weighs the more, the longer ago the last answer was.
    pub(crate) fn observe(&self, now: Moment, sample: Duration) {
        let tick = tick(now);
        let sample = (sample.as_nanos() as f32).max(1.0);
        let update = |word| {
            let updated = Fading::from_word(word).and(sample, tick).into_word();
            (updated != word).then_some(updated)
        };
        // `Relaxed`: nothing else is published by this word. An error means that nothing had to be written.
        _ = self.word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
    }

    /// Adds an answer that would have taken longer than `sample`. It only changes an average that is lower.
    pub(crate) fn observe_at_least(&self, now: Moment, sample: Duration) {
        if self.nanos_at(now).is_none_or(|nanos| nanos < sample.as_nanos() as f64) {
            self.observe(now, sample);
        }
    }

    /// The average in nanoseconds, fallen towards 0 for the time since the last answer; `None` before the first.
    pub(crate) fn nanos_at(&self, now: Moment) -> Option<f64> {
        let average = Fading::from_word(self.word.load(Ordering::Relaxed));
        let decayed = f64::from(average.value) * average.remainder(tick(now), DECAY_NANOS);
        // Never 0, so that endpoints which have been idle for hours are still compared by their load.
        (average.value > 0.0).then(|| decayed.max(f64::MIN_POSITIVE))
    }
}

impl Fading {
    fn and(self, sample: f32, tick: u32) -> Self {
        if sample >= self.value {
            return Self { value: sample, tick };
        }
        if self.age(tick) == 0 {
            return self;
        }
        let above = f64::from(self.value - sample) * self.remainder(tick, DECAY_NANOS);
        Self { value: sample + above as f32, tick }
    }
}

#[cfg(test)]
mod tests;
