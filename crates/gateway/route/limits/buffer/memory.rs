//! `Memory`: how much all buffers may take together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The memory that all buffers share. Clones are of the same.
#[derive(Clone, Debug)]
pub struct Memory {
    left: Arc<AtomicUsize>,
}

/// A part of the memory, which is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Reserved {
    left: Arc<AtomicUsize>,
    bytes: usize,
}

impl Memory {
    /// So many bytes, and no more.
    pub fn of(bytes: usize) -> Self {
        Self { left: Arc::new(AtomicUsize::new(bytes)) }
    }

    /// The bytes that are left.
    pub fn left(&self) -> usize {
        self.left.load(Ordering::Relaxed)
    }

    /// Nothing is reserved yet.
    pub(super) fn begin(&self) -> Reserved {
        Reserved { left: Arc::clone(&self.left), bytes: 0 }
    }
}

impl Reserved {
    /// Reserves more, until there are so many bytes. Returns false, and reserves nothing, if fewer are left.
    pub(super) fn grow_to(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.bytes);
        let taken =
            self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(more));
        if taken.is_ok() {
            self.bytes += more;
        }
        taken.is_ok()
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.left.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_comes_back_and_no_more_than_there_is() {
        let memory = Memory::of(100);
        let (mut one, mut other) = (memory.begin(), memory.begin());
        assert!(one.grow_to(60) && one.grow_to(60) && one.grow_to(10));
        assert!(!other.grow_to(41) && other.grow_to(40));
        assert_eq!((memory.left(), one.bytes, other.bytes), (0, 60, 40));
        drop(one);
        assert_eq!(memory.left(), 60);
        drop(other);
        assert_eq!(memory.left(), 100);
    }
}
