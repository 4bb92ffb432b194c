//! How long a body may stall.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// Limits each wait for the next piece of a body. There is no timer before the first wait, since most bodies are
/// there at once, and one timer for all waits after it.
#[derive(Debug)]
pub(crate) struct Idle {
    limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    is_waiting: bool,
}

impl Idle {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, timer: None, is_waiting: false }
    }

    /// A piece came.
    pub(crate) fn note_progress(&mut self) {
        self.is_waiting = false;
    }

    /// Poll this while nothing comes. It is ready when that was so for too long.
    pub(crate) fn poll_too_long(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let end = || after(self.limit);
        let timer = match &mut self.timer {
            Some(timer) => {
                if !self.is_waiting {
                    timer.as_mut().reset(end());
                }
                timer
            }
            none => none.insert(Box::pin(tokio::time::sleep_until(end()))),
        };
        self.is_waiting = true;
        timer.as_mut().poll(cx)
    }
}

/// When a limit ends that begins now.
pub(crate) fn after(limit: Duration) -> Instant {
    end_of(Instant::now(), limit)
}

/// When a limit ends that began then. Like tokio's timers, it takes thirty years for never.
pub(crate) fn end_of(begun: Instant, limit: Duration) -> Instant {
    const NEVER: Duration = Duration::from_secs(86_400 * 365 * 30);
    begun + limit.min(NEVER)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::{sleep, timeout};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    async fn over(idle: &mut Idle) -> Duration {
        let begun = Instant::now();
        poll_fn(|cx| idle.poll_too_long(cx)).await;
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn each_wait_has_all_of_the_time() {
        let mut idle = Idle::new(LIMIT);
        assert!(timeout(LIMIT / 2, over(&mut idle)).await.is_err());
        assert_eq!(over(&mut idle).await.as_secs(), LIMIT.as_secs() / 2, "the same wait goes on");

        let mut idle = Idle::new(LIMIT);
        for _ in 0..3 {
            assert!(timeout(LIMIT / 2, over(&mut idle)).await.is_err());
            idle.note_progress();
        }
        sleep(LIMIT * 2).await;
        assert_eq!(over(&mut idle).await.as_secs(), LIMIT.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn no_limit_is_too_long_to_count() {
        assert!(timeout(LIMIT * 1_000_000, over(&mut Idle::new(Duration::MAX))).await.is_err());
    }
}
