use std::time::Duration;

use crate::{
    clock::Moment,
    sync::{AtomicU64, Ordering},
};

const SLOTS: u64 = 10;
const COUNT_BITS: u32 = 18;
/// The most that one slot counts. Requests beyond it are left out, failed or not.
const FULL: u64 = (1 << COUNT_BITS) - 1;

/// How many requests there were lately, and how many of them failed: a ring of counts, each for a tenth of the
/// span.
///
/// A tenth that begins replaces the oldest one as a whole, so the counts reach back for nine tenths of the span to
/// all of it. If a thread is stopped for a whole span between reading the clock and counting here, one tenth loses
/// its counts. `Relaxed` throughout: each slot is one word, and publishes nothing else.
pub(crate) struct Window {
    slots: [AtomicU64; SLOTS as usize],
    /// The length of a slot in nanoseconds, at least 1.
    tick: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) failures: u64,
    pub(crate) total: u64,
}

impl Window {
    pub(crate) fn new(span: Duration) -> Self {
        let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        Self { slots: Default::default(), tick: nanos.div_ceil(SLOTS).max(1) }
    }

    pub(crate) fn count_success(&self, now: Moment) {
        self.count(now, Counts { failures: 0, total: 1 });
    }

    pub(crate) fn count_failure(&self, now: Moment) {
        self.count(now, Counts { failures: 1, total: 1 });
    }

    pub(crate) fn counts(&self, now: Moment) -> Counts {
        let tick = self.tick_of(now);
        let slots = self.slots.iter().map(|slot| Slot::from_word(slot.load(Ordering::Relaxed)));
        slots
            .filter(|slot| Slot::wrapped(tick.wrapping_sub(slot.tick)) < SLOTS)
            .fold(Counts::default(), |sum, slot| sum + slot.counts)
    }

    pub(crate) fn clear(&self) {
        for slot in &self.slots {
            slot.store(0, Ordering::Relaxed);
        }
    }

    fn count(&self, now: Moment, one: Counts) {
        let tick = self.tick_of(now);
        let Some(slot) = self.slots.get((tick % SLOTS) as usize) else { return };
        // An `Err` means that the slot is full.
        let _ = slot.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |word| {
            let counts = Slot::from_word(word).counts_at(tick);
            (counts.total < FULL).then(|| Slot { tick, counts: counts + one }.into_word())
        });
    }

    fn tick_of(&self, now: Moment) -> u64 {
        now.as_nanos() / self.tick
    }
}

/// One slot: 28 bits for its tick, which repeat after 8 years of ticks of a second, and 18 for each count.
struct Slot {
    tick: u64,
    counts: Counts,
}

impl Slot {
    fn from_word(word: u64) -> Self {
        let counts = Counts { failures: word >> COUNT_BITS & FULL, total: word & FULL };
        Self { tick: word >> (2 * COUNT_BITS), counts }
    }

    fn into_word(self) -> u64 {
        Self::wrapped(self.tick) << (2 * COUNT_BITS) | self.counts.failures << COUNT_BITS | self.counts.total
    }

    /// Its counts if they belong to this tick, otherwise 0.
    fn counts_at(self, tick: u64) -> Counts {
        if self.tick == Self::wrapped(tick) { self.counts } else { Counts::default() }
    }

    fn wrapped(tick: u64) -> u64 {
        tick & (u64::MAX >> (2 * COUNT_BITS))
    }
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { failures: self.failures + other.failures, total: self.total + other.total }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SPAN: Duration = Duration::from_secs(10);

    fn at(millis: u64) -> Moment {
        Moment::default() + Duration::from_millis(millis)
    }

    #[test]
    fn slides_by_tenths() {
        let window = Window::new(SPAN);
        window.count_failure(at(900));
        window.count_success(at(1_000));
        for (millis, failures, total) in [(1_000, 1, 2), (9_999, 1, 2), (10_000, 0, 1), (11_000, 0, 0)] {
            assert_eq!(window.counts(at(millis)), Counts { failures, total }, "{millis}");
        }
    }

    #[test]
    fn a_new_round_begins_at_zero() {
        let window = Window::new(SPAN);
        window.count_failure(at(500));
        window.count_success(at(10_500));
        assert_eq!(window.counts(at(10_500)), Counts { failures: 0, total: 1 });
        window.clear();
        assert_eq!(window.counts(at(10_500)), Counts::default());
    }

    #[test]
    fn a_full_slot_stays_as_it_is() {
        let window = Window::new(SPAN);
        (0..FULL).for_each(|_| window.count_success(at(0)));
        window.count_failure(at(0));
        assert_eq!(window.counts(at(0)), Counts { failures: 0, total: FULL });
        window.count_failure(at(1_000));
        assert_eq!(window.counts(at(1_000)), Counts { failures: 1, total: FULL + 1 });
    }

    #[test]
    fn no_span_is_too_short_or_too_long() {
        for span in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
            let window = Window::new(span);
            window.count_failure(at(7));
            assert_eq!(window.counts(at(7)).failures, 1, "{span:?}");
        }
    }

    #[test]
    fn threads_lose_no_count() {
        let window = Window::new(SPAN);
        std::thread::scope(|threads| {
            for thread in 0..8_u64 {
                let window = &window;
                threads.spawn(move || {
                    (0..5_000).for_each(|n| {
                        if (n + thread) % 4 == 0 {
                            window.count_failure(at(n));
                        } else {
                            window.count_success(at(n));
                        }
                    });
                });
            }
        });
        assert_eq!(window.counts(at(5_000)), Counts { failures: 10_000, total: 40_000 });
    }

    proptest! {
        /// No request of the last nine tenths is missing, and none older than the span is counted.
        #[test]
        fn is_between_nine_tenths_and_all(steps in prop::collection::vec((0..3_000_u64, any::<bool>()), 1..200)) {
            let window = Window::new(SPAN);
            let (mut now, mut log) = (0, Vec::new());
            for (step, failed) in steps {
                now += step;
                if failed { window.count_failure(at(now)) } else { window.count_success(at(now)) }
                log.push((now, failed));
                let since = |ago: u64| log.iter().filter(move |(time, _)| now - time < ago);
                let counts = window.counts(at(now));
                prop_assert!((since(9_000).count()..=since(10_000).count()).contains(&(counts.total as usize)));
                let failures = |ago| since(ago).filter(|(_, failed)| *failed).count();
                prop_assert!((failures(9_000)..=failures(10_000)).contains(&(counts.failures as usize)));
            }
        }
    }
}
