//! `Durations`: a histogram of durations that any thread writes, and `Tally`, what was read from it.

use std::ops::{AddAssign, Sub};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Ten steps for each power of ten, in tenths (the series R10 of ISO 3): a step is 25 to 28 % longer than the one before,
/// so a percentile is off by 28 % at most.
const STEPS: [u64; 10] = [100, 125, 160, 200, 250, 315, 400, 500, 630, 800];
/// The steps that Prometheus is shown: 1, 2.5 and 5.
const SHOWN: [usize; 3] = [0, 4, 7];
const SHORTEST: Duration = Duration::from_micros(10);
const DECADES: usize = 7;
const SHOWN_FROM: Duration = Duration::from_micros(250);
const SHOWN_UP_TO: Duration = Duration::from_secs(50);

/// Bounds from 10 µs to 80 s.
const BOUNDS: usize = STEPS.len() * DECADES;
/// One for each bound, and one for what is longer than all of them.
const BUCKETS: usize = BOUNDS + 1;

/// The upper bounds of the buckets in nanoseconds. They belong to their buckets.
static NANOS: [u64; BOUNDS] = bounds();

#[allow(clippy::indexing_slicing, reason = "evaluated when it is compiled")]
const fn bounds() -> [u64; BOUNDS] {
    let (mut bounds, mut at, mut hundredth) = ([0; BOUNDS], 0, SHORTEST.as_nanos() as u64 / 100);
    while at < BOUNDS {
        bounds[at] = hundredth * STEPS[at % STEPS.len()];
        at += 1;
        if at.is_multiple_of(STEPS.len()) {
            hundredth *= 10;
        }
    }
    bounds
}

/// A histogram that any thread may write, without waiting for another.
#[derive(Debug)]
pub(crate) struct Durations {
    buckets: [AtomicU64; BUCKETS],
    nanos: AtomicU64,
}

impl Default for Durations {
    fn default() -> Self {
        Self { buckets: [const { AtomicU64::new(0) }; BUCKETS], nanos: AtomicU64::new(0) }
    }
}

impl Durations {
    pub(crate) fn add(&self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let bucket = NANOS.partition_point(|bound| *bound < nanos);
        if let Some(bucket) = self.buckets.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    /// What it has counted. The numbers are read one after the other, so they need not be of the same moment.
    pub(crate) fn tally(&self) -> Tally {
        let mut counts = [0; BUCKETS];
        for (count, bucket) in counts.iter_mut().zip(&self.buckets) {
            *count = bucket.load(Ordering::Relaxed);
        }
        Tally { counts, nanos: self.nanos.load(Ordering::Relaxed) }
    }
}

/// How many durations there were in each bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    counts: [u64; BUCKETS],
    nanos: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self { counts: [0; BUCKETS], nanos: 0 }
    }
}

impl AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self.nanos = self.nanos.wrapping_add(other.nanos);
    }
}

impl Sub for &Tally {
    type Output = Tally;

    /// What has come since `before`.
    fn sub(self, before: Self) -> Tally {
        let mut since = self.clone();
        for (count, before) in since.counts.iter_mut().zip(before.counts) {
            *count = count.saturating_sub(before);
        }
        since.nanos = self.nanos.wrapping_sub(before.nanos);
        since
    }
}

impl Tally {
    pub(crate) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The sum of all durations, in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        Duration::from_nanos(self.nanos).as_secs_f64()
    }

    /// The duration that so many of a thousand were not longer than. It is an estimate: within a bucket, durations are
    /// taken to be spread evenly. `None` if there were none.
    pub(crate) fn permille(&self, permille: u64) -> Option<Duration> {
        let rank = (self.count().saturating_mul(permille)).div_ceil(1000).max(1);
        let (mut below, mut lower) = (0, 0);
        for (count, upper) in self.counts.iter().zip(&NANOS) {
            if below + count >= rank {
                let within = (upper - lower) as f64 * ((rank - below) as f64 / *count as f64);
                return Some(Duration::from_nanos(lower + within as u64));
            }
            (below, lower) = (below + count, *upper);
        }
        (self.count() > 0).then(|| Duration::from_nanos(lower))
    }

    /// The buckets for Prometheus, which are fewer: each with its upper bound in seconds, and how many durations are in
    /// it and not in the one before.
    pub(super) fn shown(&self) -> Vec<(f64, u64)> {
        let mut shown = Vec::with_capacity(20);
        let mut since = 0;
        for (at, (count, bound)) in self.counts.iter().zip(&NANOS).enumerate() {
            since += count;
            let bound = Duration::from_nanos(*bound);
            if SHOWN.contains(&(at % STEPS.len())) && (SHOWN_FROM..=SHOWN_UP_TO).contains(&bound) {
                shown.push((bound.as_secs_f64(), std::mem::take(&mut since)));
            }
        }
        since += self.counts.last().copied().unwrap_or_default();
        shown.push((f64::INFINITY, since));
        shown
    }
}

#[cfg(test)]
mod tests;
