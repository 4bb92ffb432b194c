//! What stands in for `primitives` in loom's model.

use loom::sync::Mutex;
use std::task::Waker;

/// Stands in for the real one, without its check of who registers.
pub(super) struct AtomicWaker(loom::future::AtomicWaker);

impl AtomicWaker {
    pub(super) fn new() -> Self {
        Self(loom::future::AtomicWaker::new())
    }

    pub(super) fn register(&self, waker: &Waker) {
        self.0.register_by_ref(waker);
    }

    pub(super) fn take(&self) -> Option<Waker> {
        self.0.take_waker()
    }

    pub(super) fn wake(&self) {
        self.0.wake();
    }
}

/// Stands in for crossbeam's cell. It panics if both ends use it at the same time.
pub(super) struct Slot<T>(Mutex<Option<T>>);

impl<T> Slot<T> {
    pub(super) fn empty() -> Self {
        Self(Mutex::new(None))
    }

    pub(super) fn put(&self, value: T) {
        let before = self.0.try_lock().expect("one user").replace(value);
        assert!(before.is_none(), "a value was lost");
    }

    pub(super) fn take(&self) -> Option<T> {
        let value = self.0.try_lock().expect("one user").take();
        assert!(value.is_some(), "nothing to take");
        value
    }
}
