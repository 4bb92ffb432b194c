//! What a handoff is made of: a slot for a value, and a waker.

use crossbeam_utils::atomic::AtomicCell;

pub(super) use atomic_waker::AtomicWaker;

/// A place for a value. It is a box, so that it is moved as one word; the box is made once and then kept.
pub(super) struct Slot<T>(AtomicCell<Option<Box<Option<T>>>>);

const _: () = assert!(AtomicCell::<Option<Box<Option<u8>>>>::is_lock_free());

impl<T> Slot<T> {
    pub(super) fn empty() -> Self {
        Self(AtomicCell::new(None))
    }

    pub(super) fn put(&self, value: T) {
        let mut place = self.0.take().unwrap_or_default();
        *place = Some(value);
        self.0.store(Some(place));
    }

    pub(super) fn take(&self) -> Option<T> {
        let mut place = self.0.take()?;
        let value = place.take();
        self.0.store(Some(place));
        value
    }
}
