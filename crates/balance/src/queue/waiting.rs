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

/// A request's place in the queue. It leaves the queue when this is dropped.
pub(crate) struct Waiting {
    manner: Manner,
    freed: Pin<Box<Notified>>,
    shared: Arc<Shared>,
}

/// How long a request may still wait in the queue. The time runs from its first wait on, even if it leaves the
/// queue and enters it again.
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
    /// It was woken for a place, was the only one to be woken for it, and has not taken it yet.
    Called,
    /// It can't use the places of some endpoints, so no place may be kept for it alone.
    Aside,
}

impl Waiting {
    /// Enters the queue. A place that is freed after this call wakes it.
    ///
    /// # Errors
    /// [`Overloaded::QueueFull`]
    pub(crate) fn enter(shared: Arc<Shared>, patience: &mut Patience) -> Result<Self, Overloaded> {
        let Limit { timeout, .. } = shared.queue.enter()?;
        patience.begin(timeout);
        let mut freed = Box::pin(shared.queue.line.notified());
        freed.as_mut().enable();
        Ok(Self { manner: Manner::InLine, freed, shared })
    }

    /// Ready when there may be a free place. It then already waits for the next one.
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

    /// From here on it can't use the places of some endpoints: it is woken for each freed place, together with the
    /// first in line.
    pub(crate) fn step_aside(&mut self) {
        self.pass_on();
        self.manner = Manner::Aside;
        self.await_next();
    }

    /// Leaves the queue with a place, so that no other request has to be woken for it.
    pub(crate) fn leave_served(mut self) {
        self.manner = Manner::Aside;
    }

    fn await_next(&mut self) {
        let Queue { line, aside, .. } = &self.shared.queue;
        let told_by = if self.manner == Manner::Aside { aside } else { line };
        self.freed.set(told_by.notified());
        self.freed.as_mut().enable();
    }

    /// Wakes the next request for a place that this one was woken for and didn't take.
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
