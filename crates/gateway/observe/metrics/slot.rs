//! Which part of a counter a thread writes, so that threads don't fight over one cache line.

use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_utils::CachePadded;

/// The most parts of a counter. More threads share them.
const MOST: usize = 16;

static NEXT: AtomicUsize = AtomicUsize::new(0);

std::thread_local! {
    static OF_THIS_THREAD: usize = NEXT.fetch_add(1, Ordering::Relaxed);
}

/// The same counters several times over: each thread writes its own, and a reader adds them up.
#[derive(Debug)]
pub(super) struct Parted<T> {
    /// Their number is a power of two.
    parts: Box<[CachePadded<T>]>,
}

impl<T: Default> Parted<T> {
    /// Counters that so many threads write.
    pub(super) fn for_threads(threads: usize) -> Self {
        let parts = threads.clamp(1, MOST).next_power_of_two();
        Self { parts: std::iter::repeat_with(CachePadded::<T>::default).take(parts).collect() }
    }
}

impl<T> Parted<T> {
    /// The part of this thread.
    pub(super) fn mine(&self) -> Option<&T> {
        // While a thread ends, its slot may be gone already. Any part will do then.
        let slot = OF_THIS_THREAD.try_with(|slot| *slot).unwrap_or_default();
        self.parts.get(slot & (self.parts.len() - 1)).map(|part| &**part)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &T> {
        self.parts.iter().map(|part| &**part)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::thread;

    use super::*;

    #[test]
    fn the_number_of_parts_is_a_bounded_power_of_two() {
        for (threads, parts) in [(0, 1), (1, 1), (2, 2), (3, 4), (16, 16), (1000, 16)] {
            assert_eq!(Parted::<u8>::for_threads(threads).all().count(), parts);
        }
    }

    #[test]
    fn nothing_is_lost_whichever_thread_counts() {
        let counters = Parted::<AtomicU64>::for_threads(4);
        thread::scope(|scope| {
            for _ in 0..7 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        counters.mine().unwrap().fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(counters.all().map(|part| part.load(Ordering::Relaxed)).sum::<u64>(), 7000);
    }
}
