use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::Sleep;

use super::Queue;
use crate::{
    limit::{Limit, Overloaded},
    shared::Shared,
    sync::{Notified, Ordering},
};

/// A place in the queue, until it is dropped.
pub(crate) struct Waiting {
    manner: Manner,
    freed: Pin<Box<Notified>>,
    shared: Arc<Shared>,
}

/// How long a request may wait for a place, from its first wait on: no matter how often it leaves the queue for something
/// else to wait for, and enters it again.
#[derive(Default)]
pub(crate) struct Patience {
    timer: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn begin(&mut self, timeout: Duration) {
        self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.timer {
            Some(timer) => timer.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Manner {
    InLine,
    /// Told of a place that nobody else was told of, and hasn't taken it.
    Called,
    /// It can't take just any place, so none must be kept for it alone.
    Aside,
}

impl Waiting {
    /// In line from here on: what is freed after this is noticed.
    ///
    /// # Errors
    /// [`Overloaded::QueueFull`].
    pub(crate) fn enter(shared: Arc<Shared>, patience: &mut Patience) -> Result<Self, Overloaded> {
        let Limit { timeout, .. } = shared.queue.enter()?;
        patience.begin(timeout);
        let mut freed = Box::pin(shared.queue.line.notified());
        freed.as_mut().enable();
        Ok(Self { manner: Manner::InLine, freed, shared })
    }

    /// Ready when there may be a place to take; the wait for the next one has then begun.
    pub(crate) fn poll_freed(
        &mut self,
        cx: &mut Context<'_>,
        patience: &mut Patience,
    ) -> Poll<Result<(), Overloaded>> {
        if self.freed.as_mut().poll(cx).is_ready() {
            if self.manner == Manner::InLine {
                self.manner = Manner::Called;
            }
            self.await_next();
            return Poll::Ready(Ok(()));
        }
        patience.poll_end(cx).map(|()| Err(Overloaded::QueueTimeout))
    }

    /// From here on it can't take just any place: it is told of all, together with those in line.
    pub(crate) fn step_aside(&mut self) {
        self.pass_on();
        self.manner = Manner::Aside;
        self.await_next();
    }

    /// It took a place, so that the one it was called to is no other's.
    pub(crate) fn leave_served(mut self) {
        self.manner = Manner::Aside;
    }

    fn await_next(&mut self) {
        let Queue { line, aside, .. } = &self.shared.queue;
        let told_by = if self.manner == Manner::Aside { aside } else { line };
        self.freed.set(told_by.notified());
        self.freed.as_mut().enable();
    }

    /// Tells the next of a place that it was called to and didn't take.
    fn pass_on(&self) {
        if self.manner == Manner::Called {
            self.shared.queue.note_freed();
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.shared.queue.waiting.fetch_sub(1, Ordering::Relaxed);
        self.pass_on();
    }
}
