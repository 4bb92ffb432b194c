//! `Cells`: how much of its rate each of many keys has used up, in a table that never grows and has no lock.
//!
//! A key's hash chooses one set of eight cells, in which the key has a cell of its own. In a full set a new key takes
//! over the cell whose debt is over first. So a key at its limit is forgotten last: only when the seven others of its set
//! are as deep in debt. The hash has a random key, so nobody can find out which keys share a set.
//!
//! A cell is one word: a part of the hash, by which the key is recognized, and the tick at which its debt is over. Two
//! keys of one set have the same cell by accident once in sixteen million.

use std::sync::OnceLock;

use self::atomic::{AtomicU64, Ordering};

#[cfg(model)]
use loom::sync::atomic;
#[cfg(not(model))]
use std::sync::atomic;

#[cfg(not(model))]
const WAYS: usize = 8;
/// Threads have to meet in a model.
#[cfg(model)]
const WAYS: usize = 2;

const TAG_BITS: u32 = 24;
const TIME_BITS: u32 = u64::BITS - TAG_BITS;
const TIME_MASK: u64 = (1 << TIME_BITS) - 1;

/// The cells of all keys.
#[derive(Debug)]
pub(super) struct Cells {
    /// They are made by the first request.
    sets: OnceLock<Box<[Set]>>,
    number: usize,
    /// A debt that is over later than this can't be: the cell is so old that its time has begun anew.
    horizon: u64,
}

/// One cache line.
#[derive(Debug)]
#[cfg_attr(not(model), repr(align(64)))]
struct Set([AtomicU64; WAYS]);

/// A cell, and what was read of it.
struct Seen<'a> {
    cell: &'a AtomicU64,
    word: u64,
    /// The ticks until its debt is over; 0 if it is.
    debt: u64,
}

impl Cells {
    /// Room for so many keys, or a few more. No debt is longer than `horizon` ticks.
    pub(super) fn new(keys: usize, horizon: u64) -> Self {
        Self { sets: OnceLock::new(), number: keys.div_ceil(WAYS).max(1), horizon }
    }

    /// Changes the cell of the key with this hash. `decide` is told when its debt is over, and returns the new time; or
    /// it refuses, and nothing changes. It is asked once more whenever another thread was faster.
    pub(super) fn change<T, E>(
        &self,
        hash: u64,
        now: impl Fn() -> u64,
        decide: impl Fn(Option<u64>) -> Result<(T, u64), E>,
    ) -> Result<T, E> {
        let sets = self.sets.get_or_init(|| (0..self.number).map(|_| Set::new()).collect());
        let set = sets.get(hash as usize % sets.len()).expect("the remainder is below the number of sets");
        let tag = hash >> TIME_BITS;
        loop {
            // The clock is read before the cells: what another thread writes meanwhile isn't in the past.
            let now = now();
            let seen = set.cell_of(tag, now, self.horizon);
            let is_own = seen.word >> TIME_BITS == tag;
            let (result, over) = decide((is_own && seen.debt > 0).then(|| now + seen.debt))?;
            let word = tag << TIME_BITS | over & TIME_MASK;
            // `Relaxed`: the word publishes nothing else. A thread that loses the race reads the set again.
            let changed =
                seen.cell.compare_exchange_weak(seen.word, word, Ordering::Relaxed, Ordering::Relaxed);
            if changed.is_ok() {
                return Ok(result);
            }
        }
    }

    /// Takes so many ticks off the debt of the key with this hash. If its debt is over or the key is forgotten, there is
    /// nothing to take off.
    pub(super) fn relieve(&self, hash: u64, now: impl Fn() -> u64, ticks: u64) {
        let less = |over: Option<u64>| over.map(|over| ((), over.saturating_sub(ticks))).ok_or(());
        let _there_was_none = self.change(hash, now, less);
    }
}

impl Set {
    fn new() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }

    /// The key's own cell, or the one that it takes over. All cells are read once and in order, so that threads that
    /// have read the same choose the same.
    fn cell_of(&self, tag: u64, now: u64, horizon: u64) -> Seen<'_> {
        let cells = self.0.each_ref().map(|cell| Seen::of(cell, now, horizon));
        let own = cells.iter().position(|seen| seen.word >> TIME_BITS == tag);
        let least = || (0..WAYS).min_by_key(|index| cells.get(*index).map(|seen| seen.debt));
        let chosen = own.or_else(least).unwrap_or_default();
        cells.into_iter().nth(chosen).expect("a set has that many cells")
    }
}

impl<'a> Seen<'a> {
    fn of(cell: &'a AtomicU64, now: u64, horizon: u64) -> Self {
        let word = cell.load(Ordering::Relaxed);
        let ahead = word.wrapping_sub(now) & TIME_MASK;
        Self { cell, word, debt: if ahead <= horizon { ahead } else { 0 } }
    }
}

#[cfg(test)]
mod tests;
