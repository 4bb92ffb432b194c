//! `Hashing`: where passwords are checked.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

/// How many checks may wait for a thread by default.
const QUEUE: usize = 64;

/// Threads on which passwords are checked, apart from those that serve requests. Clones are the same.
#[derive(Clone)]
pub struct Hashing {
    /// A place for each check that is done or waits.
    room: Arc<Semaphore>,
    threads: Arc<Semaphore>,
}

/// There is no room for one more check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Busy;

/// A thread for a check, until it is done.
pub(super) struct Turn {
    _place: OwnedSemaphorePermit,
    _thread: OwnedSemaphorePermit,
}

impl Hashing {
    /// So many checks at a time, and at most so many that wait.
    #[must_use]
    pub fn new(threads: NonZeroUsize, queue: usize) -> Self {
        let all = threads.get().saturating_add(queue).min(Semaphore::MAX_PERMITS);
        Self {
            room: Arc::new(Semaphore::new(all)),
            threads: Arc::new(Semaphore::new(threads.get().min(Semaphore::MAX_PERMITS))),
        }
    }

    /// Waits for a thread, unless too many do already.
    pub(super) async fn turn(&self) -> Result<Turn, Busy> {
        let place = Arc::clone(&self.room).try_acquire_owned().map_err(|_| Busy)?;
        let thread = Arc::clone(&self.threads).acquire_owned().await.map_err(|_| Busy)?;
        Ok(Turn { _place: place, _thread: thread })
    }
}

#[cfg(test)]
impl Hashing {
    /// How many more checks it would take.
    pub(super) fn free_places(&self) -> usize {
        self.room.available_permits()
    }
}

impl Turn {
    /// Does it. It goes on if nobody waits for it any more, and the thread is taken until then.
    pub(super) async fn check<T: Send + 'static>(
        self,
        check: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let done = spawn_blocking(move || {
            let result = check();
            drop(self);
            result
        });
        done.await.map_err(|_| Busy)
    }
}

impl Default for Hashing {
    /// On half of the processors, and at least on one. 64 checks may wait.
    fn default() -> Self {
        let half = available_parallelism().map_or(1, |all| all.get() / 2);
        Self::new(NonZeroUsize::new(half).unwrap_or(NonZeroUsize::MIN), QUEUE)
    }
}

impl fmt::Debug for Hashing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hashing").field("threads", &self.threads.available_permits()).finish_non_exhaustive()
    }
}
