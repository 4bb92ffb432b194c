//! All memory that threads share: atomics, one pointer that is swapped, and notifications.
//!
//! Under `--cfg loom` the atomics are loom's. arc-swap doesn't know loom, so in the models a mutex over the `Arc`
//! takes its place, with the same operations and the same linearization points. The inside of arc-swap isn't
//! modelled.

mod notify;

pub(crate) use self::notify::{Notified, Notify};

#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering, fence};

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering, fence};

use std::sync::Arc;

#[cfg(not(loom))]
pub(crate) type Loaded<T> = arc_swap::Guard<Arc<T>>;

#[cfg(loom)]
pub(crate) type Loaded<T> = Arc<T>;

/// A pointer to an immutable value: read without a lock, replaced as a whole.
pub(crate) struct Swap<T> {
    #[cfg(not(loom))]
    pointer: arc_swap::ArcSwap<T>,
    #[cfg(loom)]
    pointer: loom::sync::Mutex<Arc<T>>,
}

impl<T> Swap<T> {
    /// Replaces the value by what `next` makes of it, or keeps it if that is `None`. Returns whether it was
    /// replaced.
    ///
    /// `next` is called again if another update was faster, so that no update is lost.
    pub(crate) fn update(&self, mut next: impl FnMut(&T) -> Option<T>) -> bool {
        loop {
            let current = self.load();
            let Some(value) = next(&current) else { return false };
            if self.replace(&current, Arc::new(value)) {
                return true;
            }
        }
    }
}

#[cfg(not(loom))]
impl<T> Swap<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { pointer: arc_swap::ArcSwap::from_pointee(value) }
    }

    pub(crate) fn load(&self) -> Loaded<T> {
        self.pointer.load()
    }

    fn replace(&self, current: &Loaded<T>, value: Arc<T>) -> bool {
        let before = self.pointer.compare_and_swap(current, value);
        Arc::ptr_eq(&before, current)
    }
}

#[cfg(loom)]
impl<T> Swap<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { pointer: loom::sync::Mutex::new(Arc::new(value)) }
    }

    pub(crate) fn load(&self) -> Loaded<T> {
        Arc::clone(&self.pointer.lock().expect("no thread panics while it holds the model's lock"))
    }

    fn replace(&self, current: &Loaded<T>, value: Arc<T>) -> bool {
        let mut pointer = self.pointer.lock().expect("no thread panics while it holds the model's lock");
        let unchanged = Arc::ptr_eq(&pointer, current);
        if unchanged {
            *pointer = value;
        }
        unchanged
    }
}
