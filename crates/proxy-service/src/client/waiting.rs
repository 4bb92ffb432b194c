//! Tells what a request waits for: whether that is the upstream, and whether it has given a sign of life. The client
//! reports this to the future that limits how long the answer may take.
//!
//! There may be any number of futures between the two that know nothing of this. But each of them polls the next one
//! within its own poll, on the same thread. So a value of that thread is enough.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::no_room::NoRoom;

thread_local! {
    static NOTED: Cell<Noted> = const { Cell::new(Noted::Nothing) };
}

#[derive(Clone, Copy)]
enum Noted {
    Nothing,
    SignOfLife,
    WaitsForOthers,
}

/// The result of polling a request once.
pub(crate) enum Progress<T> {
    Done(T),
    /// It doesn't wait for the upstream. Either all connections that there may be are in use, or the client doesn't
    /// take an interim answer.
    WaitsForOthers,
    /// The upstream has sent an interim answer.
    SignOfLife,
    UnderWay,
}

/// Polls a request, and reports what it waits for.
pub(crate) fn observe<T>(poll: impl FnOnce() -> Poll<T>) -> Progress<T> {
    NOTED.set(Noted::Nothing);
    match (poll(), NOTED.get()) {
        (Poll::Ready(done), _) => Progress::Done(done),
        (Poll::Pending, Noted::WaitsForOthers) => Progress::WaitsForOthers,
        (Poll::Pending, Noted::SignOfLife) => Progress::SignOfLife,
        (Poll::Pending, Noted::Nothing) => Progress::UnderWay,
    }
}

/// Reports to [`observe`] that the upstream has sent an interim answer.
pub(super) fn note_sign_of_life() {
    NOTED.set(Noted::SignOfLife);
}

/// Reports to [`observe`] that the request waits for somebody else than the upstream, if `polled` is pending.
pub(super) fn for_others<T>(polled: Poll<T>) -> Poll<T> {
    if polled.is_pending() {
        NOTED.set(Noted::WaitsForOthers);
    }
    polled
}

/// How much longer a request may wait for a connection. The time of all its waits is added up. The time between them
/// doesn't count.
pub(super) struct Patience {
    left: Duration,
}

impl Patience {
    pub(super) fn new(limit: Duration) -> Self {
        Self { left: limit }
    }

    pub(super) fn is_over(&self) -> bool {
        self.left.is_zero()
    }

    /// Waits, and reports to [`observe`] that the request waits.
    ///
    /// # Errors
    /// If the request has waited for too long.
    pub(super) async fn wait<F: Future>(&mut self, wait: F) -> Result<F::Output, NoRoom> {
        let left = self.left;
        let _trial = Trial { patience: self, begun: Instant::now() };
        for_connection(timeout(left, wait)).await.map_err(|_| NoRoom::QueueTimeout)
    }
}

/// Counts the time until it is dropped as waiting. So a wait that is given up counts as well.
struct Trial<'a> {
    patience: &'a mut Patience,
    begun: Instant,
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        self.patience.left = self.patience.left.saturating_sub(self.begun.elapsed());
    }
}

async fn for_connection<F: Future>(wait: F) -> F::Output {
    let mut wait = pin!(wait);
    poll_fn(|cx| for_others(wait.as_mut().poll(cx))).await
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn patience_is_for_all_waits_together_also_for_those_that_were_given_up() {
        let mut patience = Patience::new(Duration::from_secs(3));
        assert_eq!(patience.wait(async { "at once" }).await, Ok("at once"));
        patience.wait(sleep(Duration::from_secs(1))).await.unwrap();
        sleep(Duration::from_secs(100)).await;
        let given_up = timeout(Duration::from_secs(1), patience.wait(pending::<()>())).await;
        assert!(given_up.is_err() && !patience.is_over());
        let begun = Instant::now();
        assert_eq!(patience.wait(pending::<()>()).await, Err(NoRoom::QueueTimeout));
        assert_eq!(begun.elapsed().as_secs(), 1);
        assert!(patience.is_over());
        assert_eq!(patience.wait(async { "at once" }).await, Ok("at once"));
        assert_eq!(patience.wait(pending::<()>()).await, Err(NoRoom::QueueTimeout));
        assert_eq!(begun.elapsed().as_secs(), 1);
    }
}
