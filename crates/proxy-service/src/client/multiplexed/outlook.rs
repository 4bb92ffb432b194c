//! Whether another connection is worth a try.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::super::error::{ClientError, Diagnosis};
use crate::error::ErrorKind;

/// After this many connections in a row that took no request, requests are turned away until the next try.
const ENOUGH: u32 = 2;
/// How long it is until the next try: at first this long, then twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest time until the next try.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

const TAKES_NONE: Diagnosis = Diagnosis::new(
    ErrorKind::ConnectionTerminated,
    "the upstream ends its connections before they take a request",
);

/// Counts the connections in a row that the upstream ended before they took a request. Dialling again at once would
/// most likely end the same way.
#[derive(Debug)]
pub(super) struct Outlook {
    fruitless: AtomicU32,
    /// When the next connection may be tried, in milliseconds after `beginning`.
    next_try: AtomicU64,
    beginning: Instant,
}

impl Default for Outlook {
    fn default() -> Self {
        Self { fruitless: AtomicU32::new(0), next_try: AtomicU64::new(0), beginning: Instant::now() }
    }
}

impl Outlook {
    /// A connection was ended before it took a request.
    pub(super) fn note_fruitless(&self) {
        let in_a_row = self.fruitless.fetch_add(1, Ordering::Relaxed) + 1;
        let doublings = in_a_row.saturating_sub(ENOUGH).min(8);
        let pause = (FIRST_PAUSE * (1 << doublings)).min(LONGEST_PAUSE);
        self.next_try.store(self.now() + pause.as_millis() as u64, Ordering::Relaxed);
    }

    /// A connection took a request.
    pub(super) fn note_fruit(&self) {
        if self.fruitless.load(Ordering::Relaxed) > 0 {
            self.fruitless.store(0, Ordering::Relaxed);
        }
    }

    /// Whether another connection may be tried now.
    ///
    /// # Errors
    /// If it isn't time for another try yet. Nothing was sent then.
    pub(super) fn check(&self) -> Result<(), ClientError> {
        let is_bad = self.fruitless.load(Ordering::Relaxed) >= ENOUGH;
        if is_bad && self.now() < self.next_try.load(Ordering::Relaxed) {
            return Err(ClientError::unsent(TAKES_NONE));
        }
        Ok(())
    }

    fn now(&self) -> u64 {
        u64::try_from(self.beginning.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_two_that_took_nothing_there_is_a_pause_which_grows() {
        let outlook = Outlook::default();
        outlook.note_fruitless();
        assert!(outlook.check().is_ok(), "one is no pattern");
        for pause in [100, 200, 400, 800, 1000, 1000] {
            outlook.note_fruitless();
            tokio::time::advance(Duration::from_millis(pause - 1)).await;
            assert!(outlook.check().unwrap_err().is_unsent(), "{pause}");
            tokio::time::advance(Duration::from_millis(1)).await;
            assert!(outlook.check().is_ok(), "{pause}");
        }
        outlook.note_fruit();
        outlook.note_fruitless();
        assert!(outlook.check().is_ok(), "it began anew");
    }
}
