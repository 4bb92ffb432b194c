//! Whether a task closes a runtime's idle connections in time.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether such a task is running.
#[derive(Debug, Default)]
pub(super) struct Reaper {
    is_awake: AtomicBool,
}

impl Reaper {
    /// Spawns the future that `run` makes, unless one is running already.
    pub(super) fn wake<F>(&self, run: impl FnOnce() -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if !self.is_awake.load(Ordering::Acquire) && !self.is_awake.swap(true, Ordering::AcqRel) {
            tokio::spawn(run());
        }
    }

    /// The task is about to end. Says whether it may: if a connection was added just now, and no other task was
    /// spawned for it, this one must go on.
    pub(super) fn sleep(&self, is_empty: impl FnOnce() -> bool) -> bool {
        self.is_awake.store(false, Ordering::Release);
        is_empty() || self.is_awake.swap(true, Ordering::AcqRel)
    }
}
