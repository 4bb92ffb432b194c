//! A limit on an endpoint's connections, and the queue in front of it.
//!
//! There are as many turns as places. A request needs a turn, which it has until its connection is given back or closed; a
//! connection needs a place for as long as its socket is open. Whoever has a turn and no connection can count on one: of the
//! other connections at most all but one have a request, so that there is a free place, or a connection is idle, and if
//! that is one that it can't use, it may close it. So requests wait for turns only, in one line for all runtimes.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::super::no_room::NoRoom;
use super::super::waiting::Patience;

/// How many connections an endpoint may have, and the requests that wait for them.
#[derive(Clone, Copy, Debug)]
pub(in crate::client) struct Limit {
    pub(in crate::client) connections: Option<NonZeroU32>,
    pub(in crate::client) queue: usize,
    pub(in crate::client) timeout: Duration,
}

impl Default for Limit {
    fn default() -> Self {
        Self { connections: None, queue: 100, timeout: Duration::from_secs(1) }
    }
}

/// An endpoint's room for connections, over all runtimes.
pub(super) struct Room {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    limit: Limit,
    waiting: AtomicUsize,
    /// Told of each that begins to wait.
    crowd: Notify,
}

/// One request's, for as long as it has a connection to itself.
pub(in crate::client) struct Turn {
    _permit: OwnedSemaphorePermit,
}

/// One connection's, for as long as its socket is open.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Room {
    /// None without a limit.
    pub(super) fn of(limit: Limit) -> Option<Self> {
        let connections = usize::try_from(limit.connections?.get()).unwrap_or(usize::MAX);
        let permits = || Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS)));
        let (turns, places) = (permits(), permits());
        Some(Self { turns, places, limit, waiting: AtomicUsize::new(0), crowd: Notify::new() })
    }

    /// First come, first served.
    ///
    /// # Errors
    /// If there is no room, and none in time.
    pub(super) async fn turn(&self) -> Result<Turn, NoRoom> {
        match Arc::clone(&self.turns).try_acquire_owned() {
            Ok(permit) => Ok(Turn { _permit: permit }),
            Err(_) => Box::pin(self.wait()).await,
        }
    }

    async fn wait(&self) -> Result<Turn, NoRoom> {
        let _in_line = self.enter()?;
        self.crowd.notify_one();
        let turn = Arc::clone(&self.turns).acquire_owned();
        let permit = Patience::new(self.limit.timeout).wait(turn).await?;
        Ok(Turn { _permit: permit.expect("this semaphore is never closed") })
    }

    fn enter(&self) -> Result<InLine<'_>, NoRoom> {
        let one_more = |waiting| (waiting < self.limit.queue).then_some(waiting + 1);
        let entered = self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        entered.map(|_| InLine(&self.waiting)).map_err(|_| NoRoom::QueueFull)
    }

    /// Whether all turns are taken.
    pub(super) fn is_full(&self) -> bool {
        self.turns.available_permits() == 0
    }

    /// For whoever has a turn. `close_idle` closes some idle connection, and says whether it found one.
    pub(super) async fn place(&self, close_idle: impl Fn() -> bool) -> Place {
        loop {
            if let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() {
                return Place { _permit: permit };
            }
            if !close_idle() {
                // Another thread has it in its hands, without ever waiting: the reaper, or who was quicker to close it.
                tokio::task::yield_now().await;
            }
        }
    }

    /// For whoever has a turn without needing it: waits until a request needs one. Of several that wait here each request has
    /// one leave, the one first that has waited for the longest time.
    pub(super) async fn needed(&self) {
        while self.waiting() == 0 {
            self.crowd.notified().await;
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

/// Counted among those that wait until it is dropped.
struct InLine<'a>(&'a AtomicUsize);

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(all(test, not(model)))]
mod tests;
