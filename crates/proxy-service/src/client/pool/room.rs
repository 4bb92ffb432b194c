//! A limit on an endpoint's connections, and the queue of requests that wait for one.
//!
//! There are as many turns as places. A request needs a turn, and has it until its connection is given back or
//! closed. A connection needs a place for as long as its socket is open.
//!
//! A request that has a turn but no connection is sure to get one. All other turns together are one fewer than the
//! places. So at least one place is free, or its connection is idle. If the request can't use that connection, it may
//! close it and take its place. So requests wait only for turns, in one queue for all runtimes.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::super::no_room::NoRoom;
use super::super::waiting::Patience;

/// The limit on an endpoint's connections, and the limits on the queue of requests that wait for them.
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
    /// Notified by each request that begins to wait.
    crowd: Notify,
}

/// A request has this for as long as it has a connection to itself.
pub(in crate::client) struct Turn {
    _permit: OwnedSemaphorePermit,
}

/// A connection has this for as long as its socket is open.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Room {
    /// None if there is no limit.
    pub(super) fn of(limit: Limit) -> Option<Self> {
        let connections = usize::try_from(limit.connections?.get()).unwrap_or(usize::MAX);
        let permits = || Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS)));
        let (turns, places) = (permits(), permits());
        Some(Self { turns, places, limit, waiting: AtomicUsize::new(0), crowd: Notify::new() })
    }

    /// Waits for a turn. The request that came first is served first.
    ///
    /// # Errors
    /// If the queue is full, or no turn becomes free in time.
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

    /// Takes a place, for a request that has a turn. `close_idle` closes an idle connection, and says whether it
    /// found one.
    pub(super) async fn place(&self, close_idle: impl Fn() -> bool) -> Place {
        loop {
            if let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() {
                return Place { _permit: permit };
            }
            if !close_idle() {
                // Another thread holds the connection for a moment and never waits meanwhile: it is the reaper, or a
                // request that was quicker to close the connection.
                tokio::task::yield_now().await;
            }
        }
    }

    /// Waits until a request needs a turn. This is for a connection that has a turn but no request. If several of
    /// them wait here, each request that begins to wait wakes one, beginning with the one that has waited longest.
    pub(super) async fn needed(&self) {
        while self.waiting() == 0 {
            self.crowd.notified().await;
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

/// Counts a request as waiting until this is dropped.
struct InLine<'a>(&'a AtomicUsize);

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(all(test, not(model)))]
mod tests;
