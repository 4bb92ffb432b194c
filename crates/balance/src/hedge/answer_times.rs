use std::{array, time::Duration};

use crate::{
    clock::Moment,
    sync::{AtomicU32, AtomicU64, Ordering},
};

/// Each power of two of microseconds has 8 buckets, so a time is known to within an eighth.
const BUCKETS_A_POWER: u64 = 8;
/// Longer times count as this one, of 134 s.
const LONGEST_MICROS: u64 = (1 << 27) - 1;
const BUCKETS: usize = 200;

/// The percentile is found from at least so many answers. Of 200, ten are above the 95th.
const FEWEST: u64 = 200;

/// A tick is 2^30 ns, about a second.
const TICK_BITS: u32 = 30;

/// How long the answers of a pool take, and the percentile of the latest ones.
///
/// Answers are counted in a histogram. Once in a second at most, one thread takes all counts out, if there are enough,
/// and finds the percentile. All that is shared is atomic, and no thread waits for another.
pub(super) struct AnswerTimes {
    percent: u64,
    counts: Counts<BUCKETS>,
    looked: Ticks,
    /// In nanoseconds; 0 as long as it isn't known.
    at_percentile: AtomicU64,
}

impl AnswerTimes {
    pub(super) fn new(percent: u8) -> Self {
        Self {
            percent: percent.into(),
            counts: Counts::new(),
            looked: Ticks::new(),
            at_percentile: AtomicU64::new(0),
        }
    }

    /// Adds an answer that came at `now` and took `time`.
    pub(super) fn observe(&self, now: Moment, time: Duration) {
        self.counts.add(bucket_of(time));
        if self.looked.begins_with(now) && self.counts.sum() >= FEWEST {
            self.renew(&self.counts.take());
        }
    }

    /// The time within which the given percentage of the latest answers came. `None` as long as there were too few.
    pub(super) fn at_percentile(&self) -> Option<Duration> {
        let nanos = self.at_percentile.load(Ordering::Relaxed);
        (nanos > 0).then(|| Duration::from_nanos(nanos))
    }

    fn renew(&self, counts: &[u32; BUCKETS]) {
        let below = counts.iter().map(|count| u64::from(*count)).scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        let all: u64 = counts.iter().map(|count| u64::from(*count)).sum();
        let rank = (all * self.percent).div_ceil(100);
        let bucket = below.take_while(|below| *below < rank).count();
        self.at_percentile.store(end_of(bucket as u64).as_nanos() as u64, Ordering::Relaxed);
    }
}

fn bucket_of(time: Duration) -> usize {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX).min(LONGEST_MICROS);
    let Some(power) = micros.checked_ilog2().map(u64::from).filter(|_| micros >= BUCKETS_A_POWER) else {
        return micros as usize;
    };
    let within = (micros >> (power - 3)) & (BUCKETS_A_POWER - 1);
    ((power - 2) * BUCKETS_A_POWER + within) as usize
}

/// Where a bucket ends. Nothing in it takes as long.
fn end_of(bucket: u64) -> Duration {
    let (row, within) = (bucket / BUCKETS_A_POWER, bucket % BUCKETS_A_POWER);
    let micros = match row {
        0 => bucket + 1,
        row => (BUCKETS_A_POWER + within + 1) << (row - 1),
    };
    Duration::from_micros(micros)
}

/// The last tick that has begun.
struct Ticks(AtomicU64);

impl Ticks {
    fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Whether a tick begins with this call. It is true once in a tick at most, whichever thread asks.
    fn begins_with(&self, now: Moment) -> bool {
        let (last, tick) = (self.0.load(Ordering::Relaxed), now.as_nanos() >> TICK_BITS);
        let begin = || self.0.compare_exchange(last, tick, Ordering::Relaxed, Ordering::Relaxed);
        tick > last && begin().is_ok()
    }
}

/// Counts that are added to and taken out by several threads. Each addition is taken out once.
struct Counts<const N: usize>([AtomicU32; N]);

impl<const N: usize> Counts<N> {
    fn new() -> Self {
        Self(array::from_fn(|_| AtomicU32::new(0)))
    }

    /// `Relaxed`, as all here: nothing else is published by a count.
    fn add(&self, bucket: usize) {
        if let Some(count) = self.0.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn sum(&self) -> u64 {
        self.0.iter().map(|count| u64::from(count.load(Ordering::Relaxed))).sum()
    }

    fn take(&self) -> [u32; N] {
        self.0.each_ref().map(|count| count.swap(0, Ordering::Relaxed))
    }
}

#[cfg(all(test, not(loom)))]
mod tests;

#[cfg(all(test, loom))]
mod models;
