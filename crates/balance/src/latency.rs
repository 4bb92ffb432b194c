use std::time::Duration;

use crate::{
    clock::Moment,
    sync::{AtomicU64, Ordering},
};

/// The time constant: an estimate falls to 1/e of its distance in it.
const DECAY_NANOS: f64 = 10e9;

/// A tick is 2^23 ns, about 8.4 ms; 32 bits of them are 417 days.
const TICK_BITS: u32 = 23;

/// How long an endpoint takes to answer: a moving average with a memory of 10 s, sensitive to peaks ("peak EWMA", as in
/// Finagle's `PeakEwma`, linkerd and tower).
///
/// Average and time share one word, so that they always belong together, without a lock. That rounds the time to
/// ticks of 8.4 ms, and an endpoint without an answer for 208 days seems to have had one just now.
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
            let updated = Estimate::of(word).and(sample, tick).into_word();
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
        let estimate = Estimate::of(self.word.load(Ordering::Relaxed));
        let decayed = f64::from(estimate.nanos) * estimate.remainder(tick(now));
        // Never quite 0, so that loads still tell endpoints apart that have been idle for hours.
        (estimate.nanos > 0.0).then(|| decayed.max(f64::MIN_POSITIVE))
    }
}

#[derive(Clone, Copy)]
struct Estimate {
    /// 0 if there is none.
    nanos: f32,
    tick: u32,
}

impl Estimate {
    fn of(word: u64) -> Self {
        Self { nanos: f32::from_bits((word >> 32) as u32), tick: word as u32 }
    }

    fn into_word(self) -> u64 {
        u64::from(self.nanos.to_bits()) << 32 | u64::from(self.tick)
    }

    fn and(self, sample: f32, tick: u32) -> Self {
        if sample >= self.nanos {
            return Self { nanos: sample, tick };
        }
        if self.age(tick) == 0 {
            return self;
        }
        let above = f64::from(self.nanos - sample) * self.remainder(tick);
        Self { nanos: sample + above as f32, tick }
    }

    /// What is left of the average at `tick`, of 1.
    fn remainder(self, tick: u32) -> f64 {
        let nanos = u64::from(self.age(tick)) << TICK_BITS;
        (-(nanos as f64) / DECAY_NANOS).exp()
    }

    /// Ticks since the last answer; 0 if another thread was faster and that one came later.
    fn age(self, tick: u32) -> u32 {
        let age = tick.wrapping_sub(self.tick);
        if age > u32::MAX / 2 { 0 } else { age }
    }
}

/// Wraps after 417 days.
fn tick(moment: Moment) -> u32 {
    (moment.as_nanos() >> TICK_BITS) as u32
}

#[cfg(test)]
mod tests;
