//! Whether a task looks after a runtime's idle connections.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a task goes round.
#[derive(Debug, Default)]
pub(super) struct Reaper {
    is_awake: AtomicBool,
}

impl Reaper {
    /// Spawns what `run` makes, unless it runs already.
    pub(super) fn wake<F>(&self, run: impl FnOnce() -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if !self.is_awake.load(Ordering::Acquire) && !self.is_awake.swap(true, Ordering::AcqRel) {
            tokio::spawn(run());
        }
    }

    /// Says whether it may: not if something came in just now.
    pub(super) fn sleep(&self, is_empty: impl FnOnce() -> bool) -> bool {
        self.is_awake.store(false, Ordering::Release);
        is_empty() || self.is_awake.swap(true, Ordering::AcqRel)
    }
}
