//! A bounded queue of lines. Many threads append lines without waiting, and one thread takes them.
//!
//! It is a ring of 64-bit words. A line takes one word for its length, and then as many words as its bytes need.
//!
//! A thread that appends a line first reserves words for it by advancing the cursor `reserved`. Then it copies the
//! bytes, and at last it stores the length, which publishes the line. The thread that takes a line copies it out, sets
//! all of its words to zero, and then frees them by advancing the cursor `freed`. The words must be zero because any of
//! them may be the place of a length the next time around: zero there means that no line is published yet.

use std::fmt;
use std::iter;
use std::sync::Arc;

#[cfg(not(model))]
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

#[cfg(model)]
use loom::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crossbeam_utils::CachePadded;

const WORD: usize = size_of::<u64>();
/// A bit that is set in the length of every published line, so that the word isn't zero even if the line is empty.
const PUBLISHED: u64 = 1 << 63;

/// Makes a queue for so many bytes, rounded up to a power of two. Returns the end where lines are appended, and the end
/// where they are taken.
pub(super) fn queue(bytes: usize) -> (Queue, Drain) {
    let words = bytes.div_ceil(WORD).next_power_of_two();
    let ring = Arc::new(Ring {
        words: iter::repeat_with(|| AtomicU64::new(0)).take(words).collect(),
        reserved: CachePadded::new(AtomicUsize::new(0)),
        freed: CachePadded::new(AtomicUsize::new(0)),
    });
    (Queue { ring: Arc::clone(&ring) }, Drain { ring, taken: 0 })
}

/// The end at which lines are appended, from any thread.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    ring: Arc<Ring>,
}

/// The end at which lines are taken, in the order in which they were appended.
#[derive(Debug)]
pub(super) struct Drain {
    ring: Arc<Ring>,
    /// How many words were taken since the start. The counts wrap around.
    taken: usize,
}

/// There is no room for the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

struct Ring {
    /// Their number is a power of two.
    words: Box<[AtomicU64]>,
    /// How many words were reserved since the start.
    reserved: CachePadded<AtomicUsize>,
    /// How many words were freed since the start.
    freed: CachePadded<AtomicUsize>,
}

impl Queue {
    /// Appends a line, without waiting for any other thread.
    pub(super) fn push(&self, line: &[u8]) -> Result<(), Full> {
        let at = self.ring.reserve(words_of(line.len())).ok_or(Full)?;
        let mut places = self.ring.from(at);
        let length = places.next();
        let (whole, rest) = line.as_chunks::<WORD>();
        for (bytes, place) in whole.iter().zip(places.by_ref()) {
            place.store(u64::from_ne_bytes(*bytes), Ordering::Relaxed);
        }
        if let (false, Some(place)) = (rest.is_empty(), places.next()) {
            let mut last = [0; WORD];
            last.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
            place.store(u64::from_ne_bytes(last), Ordering::Relaxed);
        }
        if let Some(length) = length {
            length.store(PUBLISHED | line.len() as u64, Ordering::Release);
        }
        Ok(())
    }
}

impl Drain {
    /// Moves lines from the queue to the end of `batch`, as long as `batch` has no more than `most` bytes. If `batch`
    /// is empty, the first line is moved even if it is longer.
    pub(super) fn take(&mut self, batch: &mut Vec<u8>, most: usize) {
        while let Some(length) = self.next_length() {
            let end = batch.len() + length;
            if end > most && !batch.is_empty() {
                break;
            }
            for (index, word) in self.ring.from(self.taken).take(words_of(length)).enumerate() {
                if index > 0 {
                    batch.extend_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes());
                }
                word.store(0, Ordering::Relaxed);
            }
            batch.truncate(end);
            self.taken = self.taken.wrapping_add(words_of(length));
            self.ring.freed.store(self.taken, Ordering::Release);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.next_length().is_none()
    }

    /// How many bytes the queue can hold. The words for the lengths count as well.
    pub(super) fn capacity(&self) -> usize {
        self.ring.words.len() * WORD
    }

    fn next_length(&self) -> Option<usize> {
        let length = self.ring.from(self.taken).next()?.load(Ordering::Acquire);
        (length != 0).then_some((length & !PUBLISHED) as usize)
    }
}

impl Ring {
    /// Reserves so many words for the caller. Returns the cursor of the first one, or `None` if there is no room.
    fn reserve(&self, words: usize) -> Option<usize> {
        loop {
            // `freed` is loaded first. Words are reserved before they are freed, so `reserved` can't be less than this
            // value, and `used` is never negative.
            let freed = self.freed.load(Ordering::Acquire);
            let at = self.reserved.load(Ordering::Relaxed);
            let used = at.wrapping_sub(freed);
            if words > self.words.len().saturating_sub(used) {
                return None;
            }
            let next = at.wrapping_add(words);
            if self.reserved.compare_exchange_weak(at, next, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                return Some(at);
            }
        }
    }

    /// All words of the ring, beginning with the one at `cursor`.
    fn from(&self, cursor: usize) -> impl Iterator<Item = &AtomicU64> {
        let (before, after) = self.words.split_at(cursor & (self.words.len() - 1));
        after.iter().chain(before)
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ring").field("words", &self.words.len()).finish_non_exhaustive()
    }
}

/// How many words a line of so many bytes takes.
fn words_of(length: usize) -> usize {
    1 + length.div_ceil(WORD)
}

#[cfg(test)]
mod tests;
