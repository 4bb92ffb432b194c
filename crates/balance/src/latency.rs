use std::time::Duration;

use crate::{
    clock::Moment,
    fading::{Fading, tick},
    sync::{AtomicU64, Ordering},
};

/// The time constant: an estimate falls to 1/e of its distance in it.
const DECAY_NANOS: f64 = 10e9;

/// How long an endpoint takes to answer: a moving average with a memory of 10 s, sensitive to peaks ("peak EWMA", as in
/// Finagle's `PeakEwma`, linkerd and tower).
///
/// Average and time share one word: see [`Fading`].
#[derive(Debug)]
pub(crate) struct Latency {
    word: AtomicU64,
}

impl Latency {
    /// Of an endpoint that was never measured.
    pub(crate) fn new() -> Self {
        Self { word: AtomicU64::new(0) }
    }

    /// Takes in an answer that came `now` and took `sample`: slower than the average it becomes the average, otherwise
    /// it weighs as much as the time since the last one.
    pub(crate) fn observe(&self, now: Moment, sample: Duration) {
        let tick = tick(now);
        let sample = (sample.as_nanos() as f32).max(1.0);
        let update = |word| {
            let updated = Fading::from_word(word).and(sample, tick).into_word();
            (updated != word).then_some(updated)
        };
        // `Relaxed`: the word stands for itself. An error says that nothing had to be written.
        _ = self.word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
    }

    /// Takes in that an answer would have taken longer than `sample`: only a lower average changes.
    pub(crate) fn observe_at_least(&self, now: Moment, sample: Duration) {
        if self.nanos_at(now).is_none_or(|nanos| nanos < sample.as_nanos() as f64) {
            self.observe(now, sample);
        }
    }

    /// The average in nanoseconds, decayed towards 0 for the time since the last answer; `None` before the first.
    pub(crate) fn nanos_at(&self, now: Moment) -> Option<f64> {
        let average = Fading::from_word(self.word.load(Ordering::Relaxed));
        let decayed = f64::from(average.value) * average.remainder(tick(now), DECAY_NANOS);
        // Never quite 0, so that loads still tell endpoints apart that have been idle for hours.
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
