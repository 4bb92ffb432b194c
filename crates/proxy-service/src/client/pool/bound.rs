//! Counts the idle connections of a pool that are bound to a client, and closes them all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

#[derive(Debug, Default)]
pub(super) struct Bound {
    idle: Arc<AtomicUsize>,
    closing: Notify,
}

impl Bound {
    pub(super) fn idle(&self) -> usize {
        self.idle.load(Ordering::Relaxed)
    }

    /// Waits until [`close`](Self::close) is called.
    pub(super) fn closing(&self) -> Notified<'_> {
        self.closing.notified()
    }

    /// Closes all bound connections that are idle.
    pub(super) fn close(&self) {
        self.closing.notify_waiters();
    }

    pub(super) fn note_idle(&self) -> Counted {
        self.idle.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(&self.idle))
    }
}

/// Counts a connection as idle until this is dropped.
pub(super) struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
