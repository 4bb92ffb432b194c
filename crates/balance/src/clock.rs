use std::{fmt, sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::sync::{AtomicU64, Ordering};

/// Where a balancer takes the time from: tokio's clock, which its `time::pause` stops, or one that is set by hand.
///
/// Wall-clock time plays no part: what an administrator or NTP does to it changes nothing here.
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

/// Moves a [`Clock`] that is set by hand.
#[derive(Clone)]
pub struct Hand(Arc<AtomicU64>);

impl Clock {
    /// Tokio's clock, which needs no runtime to be read.
    pub fn new() -> Self {
        Self { source: Source::Tokio { start: Instant::now() } }
    }

    /// A clock that stands still until its hand is moved, for tests and simulations. Only what is *read* from the clock
    /// follows it (ejections, slow start, latencies, budgets); what is waited for (backoff, timeouts) is tokio's.
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
    /// Lets `time` pass.
    pub fn advance(&self, time: Duration) {
        self.0.fetch_add(nanos(time), Ordering::Relaxed);
    }
}

impl Moment {
    /// Nanoseconds since the clock was made.
    pub fn as_nanos(self) -> u64 {
        self.0
    }

    /// How long ago `earlier` was; zero if it wasn't earlier.
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
