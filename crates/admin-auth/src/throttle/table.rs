use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::entry::Entry;
use super::peer::Peer;

const SETS: usize = 1024;
const WAYS: usize = 8;

/// Wrong tries by peer: 64 KiB that never grow, made by the first wrong try, without a lock.
///
/// A peer's hash names one set, in which it shares no entry with others: a newcomer to a full set takes over the entry
/// that is worth least, so a flood of peers can make the table forget a guesser but never lock out a bystander. The
/// hash is keyed at random, so nobody can work out which addresses meet in a set; and a lockout is given up before its
/// time only where all eight entries of a set are lockouts.
#[derive(Debug)]
pub(super) struct Table {
    key: RandomState,
    sets: OnceLock<Box<[Set]>>,
}

/// One cache line.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Set([AtomicU64; WAYS]);

impl Table {
    pub(super) fn new() -> Self {
        Self { key: RandomState::new(), sets: OnceLock::new() }
    }

    /// How long `peer` is locked out yet.
    pub(super) fn lockout(&self, peer: &Peer, now: u32) -> Option<Duration> {
        let (set, tag) = place(self.sets.get()?, self.hash(peer));
        set.read().iter().find(|(_, entry)| entry.is_of(tag)).and_then(|(_, entry)| entry.lockout(now))
    }

    /// Counts a wrong try, unless `peer` was locked out before it: then says how long yet.
    pub(super) fn wrong_try(&self, peer: &Peer, now: u32) -> Option<Duration> {
        let sets = self.sets.get_or_init(|| (0..SETS).map(|_| Set::default()).collect());
        let (set, tag) = place(sets, self.hash(peer));
        loop {
            let (slot, seen) = set.slot_for(tag, now);
            let next = if seen.is_of(tag) { seen.another_try(now) } else { Entry::first_try(tag, now) };
            if next == seen {
                return seen.lockout(now);
            }
            // The word is all there is to publish, so it needs no order among others. Who loses the race looks again.
            let (old, new) = (seen.pack(), next.pack());
            if slot.compare_exchange_weak(old, new, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                return None;
            }
        }
    }

    fn hash(&self, peer: &Peer) -> u64 {
        self.key.hash_one(peer)
    }
}

fn place(sets: &[Set], hash: u64) -> (&Set, u32) {
    let set = sets.get(hash as usize % SETS).expect("the remainder is below the number of sets");
    (set, Entry::tag_of(hash))
}

impl Set {
    /// All entries, read once and in order, so that racing threads that see the same ones choose the same slot.
    fn read(&self) -> [(&AtomicU64, Entry); WAYS] {
        self.0.each_ref().map(|slot| (slot, Entry::unpack(slot.load(Ordering::Relaxed))))
    }

    /// The peer's own slot, or the one to give up for it: what is over, else has the fewest tries, else is oldest.
    fn slot_for(&self, tag: u32, now: u32) -> (&AtomicU64, Entry) {
        let entries = self.read();
        let own = entries.iter().find(|(_, entry)| entry.is_of(tag));
        let least =
            || entries.iter().min_by_key(|(_, entry)| (!entry.is_over(now), entry.tries, entry.since));
        own.or_else(least).copied().expect("a set has eight entries")
    }
}
