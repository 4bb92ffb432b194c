mod waiting;

pub(crate) use self::waiting::{Patience, Waiting};
use crate::{
    limit::{Limit, Overloaded},
    sync::{AtomicU64, Notify, Ordering, fence},
};

/// The queue of a pool. Requests wait here while all endpoints are full.
pub(crate) struct Queue {
    limit: Option<Limit>,
    waiting: AtomicU64,
    /// Wakes the first request in line, for each place that is freed.
    line: Notify,
    /// Wakes all requests that wait for only some of the endpoints, for each place that is freed.
    aside: Notify,
}

impl Queue {
    pub(crate) fn new(limit: Option<Limit>) -> Self {
        Self { limit, waiting: AtomicU64::new(0), line: Notify::default(), aside: Notify::default() }
    }

    pub(crate) fn max_in_flight(&self) -> Option<u64> {
        self.limit.map(|limit| u64::from(limit.in_flight.get()))
    }

    /// Wakes waiting requests after a place was freed.
    ///
    /// The place is freed before `waiting` is read here. A request adds itself to `waiting` before it looks for a
    /// place once more. With a fence on both sides, at least one of the two sees the other.
    pub(crate) fn note_freed(&self) {
        if self.limit.is_none() {
            return;
        }
        fence(Ordering::SeqCst);
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.line.notify_one();
            self.aside.notify_waiters();
        }
    }

    /// # Errors
    /// If the queue is full.
    fn enter(&self) -> Result<Limit, Overloaded> {
        let limit = self.limit.ok_or(Overloaded::QueueFull)?;
        let one_more = |waiting| (waiting < u64::from(limit.queue)).then_some(waiting + 1);
        let entered = self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        fence(Ordering::SeqCst);
        entered.map(|_| limit).map_err(|_| Overloaded::QueueFull)
    }
}

#[cfg(all(test, loom))]
mod models;
