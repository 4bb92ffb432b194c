//! A bounded stack without a lock.
//!
//! It consists of two Treiber stacks of places: those that hold an item, and those that are free. A thread that has
//! popped a place owns it, and puts an item into it or takes the item out. Each head carries a tag that counts its
//! changes. So a head that changed and came back to the same value (ABA) isn't mistaken for one that never changed.

#[cfg(not(model))]
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

#[cfg(model)]
use loom::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use self::cell::Cell;

/// A stack of boxes with a fixed capacity: last in, first out.
pub(super) struct Stack<T> {
    places: Box<[Place<T>]>,
    held: Head,
    free: Head,
    len: AtomicUsize,
}

struct Place<T> {
    item: Cell<T>,
    below: AtomicU32,
}

/// The lower half has the number of the topmost place, counted from 1, or 0 if there is none. The upper half has the
/// tag.
struct Head(AtomicU64);

const NONE: u32 = 0;

impl<T> Stack<T> {
    pub(super) fn new(capacity: u16) -> Self {
        let capacity = u32::from(capacity);
        let place = |below| Place { item: Cell::empty(), below: AtomicU32::new(below) };
        Self {
            places: (0..capacity).map(place).collect(),
            held: Head(AtomicU64::new(0)),
            free: Head(AtomicU64::new(capacity.into())),
            len: AtomicUsize::new(0),
        }
    }

    /// # Errors
    /// The item itself if the stack is full.
    pub(super) fn push(&self, item: Box<T>) -> Result<(), Box<T>> {
        let Some((number, place)) = self.free.pop(&self.places) else { return Err(item) };
        place.item.put(item);
        self.held.push(number, place);
        self.len.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn pop(&self) -> Option<Box<T>> {
        let (number, place) = self.held.pop(&self.places)?;
        let item = place.item.take();
        self.free.push(number, place);
        self.len.fetch_sub(1, Ordering::Relaxed);
        item
    }

    pub(super) fn capacity(&self) -> usize {
        self.places.len()
    }

    /// The length at some moment. It may be outdated as soon as it is returned.
    pub(super) fn len(&self) -> usize {
        // A pop may be counted before the push of the same item, so that the counter wraps around for a moment.
        self.len.load(Ordering::Relaxed).min(self.capacity())
    }

    pub(super) fn is_empty(&self) -> bool {
        number_of(self.held.0.load(Ordering::Acquire)) == NONE
    }
}

impl Head {
    fn push<T>(&self, number: u32, place: &Place<T>) {
        let mut head = self.0.load(Ordering::Relaxed);
        loop {
            place.below.store(number_of(head), Ordering::Relaxed);
            match self.replace(head, number) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    fn pop<'a, T>(&self, places: &'a [Place<T>]) -> Option<(u32, &'a Place<T>)> {
        let mut head = self.0.load(Ordering::Acquire);
        loop {
            let number = number_of(head);
            let place = places.get(number.checked_sub(1)? as usize)?;
            match self.replace(head, place.below.load(Ordering::Relaxed)) {
                Ok(_) => return Some((number, place)),
                Err(now) => head = now,
            }
        }
    }

    fn replace(&self, head: u64, number: u32) -> Result<u64, u64> {
        let tag = (head >> 32).wrapping_add(1) << 32;
        self.0.compare_exchange_weak(head, tag | u64::from(number), Ordering::AcqRel, Ordering::Acquire)
    }
}

fn number_of(head: u64) -> u32 {
    head as u32
}

#[cfg(not(model))]
mod cell {
    use crossbeam_utils::atomic::AtomicCell;

    /// Holds a box. It has the size of a pointer, so it needs no lock.
    pub(super) struct Cell<T>(AtomicCell<Option<Box<T>>>);

    impl<T> Cell<T> {
        pub(super) fn empty() -> Self {
            Self(AtomicCell::new(None))
        }

        pub(super) fn put(&self, item: Box<T>) {
            self.0.store(Some(item));
        }

        pub(super) fn take(&self) -> Option<Box<T>> {
            self.0.take()
        }
    }

    const _: () = assert!(AtomicCell::<Option<Box<u8>>>::is_lock_free());
}

#[cfg(model)]
mod cell {
    use loom::sync::Mutex;

    /// Stands in for crossbeam's cell. It panics if two threads own it at the same time.
    pub(super) struct Cell<T>(Mutex<Option<Box<T>>>);

    impl<T> Cell<T> {
        pub(super) fn empty() -> Self {
            Self(Mutex::new(None))
        }

        pub(super) fn put(&self, item: Box<T>) {
            let before = self.0.try_lock().expect("one owner").replace(item);
            assert!(before.is_none(), "a place was pushed to twice");
        }

        pub(super) fn take(&self) -> Option<Box<T>> {
            let item = self.0.try_lock().expect("one owner").take();
            assert!(item.is_some(), "a place was popped twice");
            item
        }
    }
}

#[cfg(test)]
mod tests;
