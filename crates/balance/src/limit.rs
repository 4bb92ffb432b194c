use std::{
    fmt,
    num::NonZeroU32,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    sync::{Notify, futures::OwnedNotified},
    time::Sleep,
};

use crate::{
    shared::Shared,
    sync::{AtomicU64, Ordering, fence},
};

/// The most requests in flight at one endpoint, and how many more may wait for a place, and how long.
///
/// The queue is one for the whole pool: a request takes the first place that any endpoint frees. Places are given out
/// in the order of arrival, except that a request which arrives just then may take one before those that wait.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub(crate) in_flight: NonZeroU32,
    queue: u32,
    timeout: Duration,
}

impl Limit {
    /// At most `in_flight` requests an endpoint; when all are full, up to 100 requests wait up to 1 s.
    pub fn new(in_flight: NonZeroU32) -> Self {
        Self { in_flight, queue: 100, timeout: Duration::from_secs(1) }
    }

    /// At most `length` requests wait, each for at most `timeout`; a length of 0 refuses at once.
    pub fn queue(self, length: u32, timeout: Duration) -> Self {
        Self { queue: length, timeout, ..self }
    }
}

/// All endpoints that could take the request have as much in flight as they may.
///
/// Found in a [`BoxError`](crate::BoxError) by `downcast_ref`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overloaded {
    /// As many requests as may wait for a place were waiting already: said at once.
    QueueFull,
    /// It waited for a place as long as it may.
    QueueTimeout,
}

impl fmt::Display for Overloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueFull => "all endpoints are full, and so is the queue for them",
            Self::QueueTimeout => "all endpoints were full for as long as the request may wait",
        })
    }
}

impl std::error::Error for Overloaded {}

/// Where requests wait while all endpoints are full.
pub(crate) struct Queue {
    limit: Option<Limit>,
    waiting: AtomicU64,
    freed: Arc<Notify>,
}

impl Queue {
    pub(crate) fn new(limit: Option<Limit>) -> Self {
        Self { limit, waiting: AtomicU64::new(0), freed: Arc::default() }
    }

    pub(crate) fn max_in_flight(&self) -> Option<u64> {
        self.limit.map(|limit| u64::from(limit.in_flight.get()))
    }

    /// Wakes the first that waits, after a place was freed.
    ///
    /// The place was freed before `waiting` is read here, and they counted themselves in before they look for a place:
    /// with a fence on both sides at least one of the two sees the other.
    pub(crate) fn note_freed(&self) {
        if self.limit.is_none() {
            return;
        }
        fence(Ordering::SeqCst);
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.freed.notify_one();
        }
    }

    fn freed(&self) -> OwnedNotified {
        Arc::clone(&self.freed).notified_owned()
    }

    /// # Errors
    /// If as many wait as may.
    fn enter(&self) -> Result<Duration, Overloaded> {
        let Limit { queue, timeout, .. } = self.limit.ok_or(Overloaded::QueueFull)?;
        let one_more = |waiting| (waiting < u64::from(queue)).then_some(waiting + 1);
        let entered = self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        fence(Ordering::SeqCst);
        entered.map(|_| timeout).map_err(|_| Overloaded::QueueFull)
    }
}

/// A place in the queue, until it is dropped.
pub(crate) struct Waiting {
    freed: Pin<Box<OwnedNotified>>,
    timer: Pin<Box<Sleep>>,
    shared: Arc<Shared>,
}

impl Waiting {
    /// In the queue from here on: what is freed after this is noticed.
    ///
    /// # Errors
    /// [`Overloaded::QueueFull`].
    pub(crate) fn enter(shared: Arc<Shared>) -> Result<Self, Overloaded> {
        let timeout = shared.queue.enter()?;
        let mut freed = Box::pin(shared.queue.freed());
        freed.as_mut().enable();
        Ok(Self { freed, timer: Box::pin(tokio::time::sleep(timeout)), shared })
    }

    /// Ready when there may be a place to take; the wait for the next one has then begun.
    pub(crate) fn poll_freed(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Overloaded>> {
        if self.freed.as_mut().poll(cx).is_ready() {
            self.freed.set(self.shared.queue.freed());
            self.freed.as_mut().enable();
            return Poll::Ready(Ok(()));
        }
        self.timer.as_mut().poll(cx).map(|()| Err(Overloaded::QueueTimeout))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.shared.queue.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
