use std::{fmt, sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::sync::{AtomicU64, Ordering};

/// Where a balancer reads the time: tokio's clock, which `tokio::time::pause` stops, or a clock that a test sets by
/// hand.
///
/// Changes of the system's time, by an administrator or by NTP, have no effect.
#[derive(Clone)]
pub struct Clock {
    source: Source,
}

#[derive(Clone)]
enum Source {
    Tokio { start: Instant },
    Hand(Arc<AtomicU64>),
}

/// A point in time of one [`Clock`], in nanoseconds since that clock was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

/// Moves a [`Clock`] that is set by hand: see [`Clock::by_hand`].
#[derive(Clone)]
pub struct Hand(Arc<AtomicU64>);

impl Clock {
    /// Tokio's clock. It can be read without a runtime.
    pub fn new() -> Self {
        Self { source: Source::Tokio { start: Instant::now() } }
    }

    /// A clock that stands still until its [`Hand`] moves it, for tests and simulations.
    ///
    /// It decides about ejections, slow starts, latencies and budgets, for which the balancer *reads* the time.
    /// Where the balancer *waits* (backoff, timeouts), it uses tokio's timers.
    pub fn by_hand() -> (Self, Hand) {
        let nanos = Arc::new(AtomicU64::new(0));
        (Self { source: Source::Hand(Arc::clone(&nanos)) }, Hand(nanos))
    }

    /// The time now.
    pub fn now(&self) -> Moment {
        match &self.source {
            Source::Tokio { start } => Moment::default() + start.elapsed(),
            Source::Hand(nanos) => Moment(nanos.load(Ordering::Relaxed)),
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl Hand {
    /// Moves the clock on by `time`.
    pub fn advance(&self, time: Duration) {
        self.0.fetch_add(nanos(time), Ordering::Relaxed);
    }
}

impl Moment {
    /// Nanoseconds since the clock was made.
    pub fn as_nanos(self) -> u64 {
        self.0
    }

    /// The time from `earlier` to this moment; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    pub(crate) const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }
}

impl std::ops::Add<Duration> for Moment {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self(self.0.saturating_add(nanos(time)))
    }
}

/// Saturates after 584 years.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("now", &self.now()).finish()
    }
}

impl fmt::Debug for Hand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hand").finish_non_exhaustive()
    }
}
