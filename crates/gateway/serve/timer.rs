//! The one deadline that a connection has at a time.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// A deadline that may be moved often. The runtime's timer is changed only if it must fire earlier. If the deadline is
/// later, that is noticed when the timer fires. So a request that is soon followed by another one changes no timer.
#[derive(Debug)]
pub(super) struct Timer {
    sleep: Pin<Box<Sleep>>,
    deadline: Option<Instant>,
}

impl Timer {
    /// A timer for a deadline so long after `since`.
    pub(super) fn new(since: Instant, after: Duration) -> Self {
        let deadline = since.checked_add(after);
        Self { sleep: Box::pin(sleep_until(deadline.unwrap_or(since))), deadline }
    }

    pub(super) fn set(&mut self, since: Instant, after: Duration) {
        // A time that can't be told never comes.
        self.deadline = since.checked_add(after);
    }

    pub(super) fn set_in(&mut self, after: Duration) {
        self.set(Instant::now(), after);
    }

    /// Sets the deadline to `after` from now, unless it is earlier already.
    pub(super) fn bring_forward(&mut self, after: Duration) {
        let Some(then) = Instant::now().checked_add(after) else { return };
        self.deadline = Some(self.deadline.map_or(then, |deadline| deadline.min(then)));
    }

    pub(super) fn clear(&mut self) {
        self.deadline = None;
    }

    /// Ready when the deadline has passed. It must be polled again after the deadline was changed.
    pub(super) fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.deadline else { return Poll::Pending };
        loop {
            if deadline < self.sleep.deadline() {
                self.sleep.as_mut().reset(deadline);
            }
            ready!(self.sleep.as_mut().poll(cx));
            if self.sleep.deadline() >= deadline {
                return Poll::Ready(());
            }
            self.sleep.as_mut().reset(deadline);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn fires_at_the_deadline_wherever_it_was_moved_to() {
        let start = Instant::now();
        for (first, moved_to) in [(5, 5), (5, 9), (5, 2)] {
            let mut timer = Timer::new(Instant::now(), first * SECOND);
            let begun = Instant::now();
            timer.set_in(moved_to * SECOND);
            poll_fn(|cx| timer.poll_expired(cx)).await;
            assert_eq!(begun.elapsed(), moved_to * SECOND, "{first} {moved_to} {:?}", start.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn never_fires_without_a_deadline() {
        let mut timer = Timer::new(Instant::now(), SECOND);
        timer.clear();
        let expired = poll_fn(|cx| timer.poll_expired(cx));
        tokio::time::timeout(100 * SECOND, expired).await.unwrap_err();
    }
}
