use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::entry::Entry;
use super::peer::Peer;

const SETS: usize = 1024;
const WAYS: usize = 8;

/// The wrong tries of all peers, without a lock: a table of 64 KiB that is made by the first wrong try and never
/// grows.
///
/// A peer's hash chooses one set, in which the peer has an entry of its own. In a full set a new peer takes over
/// the entry that is worth least. So a flood of peers can make the table forget a guesser, and can never lock out
/// another peer. The hash has a random key, so nobody can find out which addresses share a set. A lockout ends
/// early only if all eight entries of its set are lockouts.
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

    /// How long `peer` is still locked out; `None` if it isn't.
    pub(super) fn lockout(&self, peer: &Peer, now: u32) -> Option<Duration> {
        let (set, tag) = place(self.sets.get()?, self.hash(peer));
        set.read().iter().find(|(_, entry)| entry.is_of(tag)).and_then(|(_, entry)| entry.lockout(now))
    }

    /// Counts a wrong try. If `peer` was locked out before, counts nothing and returns how long it still is.
    pub(super) fn wrong_try(&self, peer: &Peer, now: u32) -> Option<Duration> {
        let sets = self.sets.get_or_init(|| (0..SETS).map(|_| Set::default()).collect());
        let (set, tag) = place(sets, self.hash(peer));
        loop {
            let (slot, seen) = set.slot_for(tag, now);
            let next = if seen.is_of(tag) { seen.another_try(now) } else { Entry::first_try(tag, now) };
            if next == seen {
                return seen.lockout(now);
            }
            // `Relaxed`: the word publishes nothing else. A thread that loses the race reads the set again.
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
    /// All entries, read once and in order, so that racing threads that read the same entries choose the same slot.
    fn read(&self) -> [(&AtomicU64, Entry); WAYS] {
        self.0.each_ref().map(|slot| (slot, Entry::unpack(slot.load(Ordering::Relaxed))))
    }

    /// The peer's own slot, or the one that it takes over: one that is over, otherwise the one with the fewest
    /// tries, and of these the oldest.
    fn slot_for(&self, tag: u32, now: u32) -> (&AtomicU64, Entry) {
        let entries = self.read();
        let own = entries.iter().find(|(_, entry)| entry.is_of(tag));
        let least =
            || entries.iter().min_by_key(|(_, entry)| (!entry.is_over(now), entry.tries, entry.since));
        own.or_else(least).copied().expect("a set has eight entries")
    }
}
