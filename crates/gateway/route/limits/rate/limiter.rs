//! `Limiter`: counts the requests of many keys against one limit, with governor's GCRA.
//!
//! Time is counted in ticks, of which sixteen pass for each request that the limit allows. So no rate is rounded,
//! whatever its period, and a cell needs no more than 40 bits for a time.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

use super::cells::Cells;
use super::decision::Decision;
use crate::config::{RateKey, RateLimit};

/// The ticks for one request.
const TICKS: u32 = 16;

/// The requests of all keys, counted in this process.
pub(super) struct Limiter {
    governor: RateLimiter<u64, Store, Ticks, StateInformationMiddleware>,
    cells: Arc<Cells>,
    ticks: Ticks,
}

impl Limiter {
    pub(super) fn of(limit: &RateLimit) -> Self {
        let ticks = Ticks { began: Instant::now(), requests: limit.requests, per: limit.per };
        let quota = Quota::with_period(Duration::from_nanos(TICKS.into()))
            .expect("sixteen is more than zero")
            .allow_burst(limit.burst);
        let keys = if limit.key == RateKey::Route { 1 } else { limit.keys };
        // A second more, for a thread that stops between reading the clock and reading a cell.
        let horizon = u64::from(limit.burst.get()) * u64::from(TICKS) + ticks.in_time(Duration::from_secs(1));
        let cells = Arc::new(Cells::new(keys, horizon));
        let store = Store { cells: Arc::clone(&cells), ticks: ticks.clone() };
        let governor = RateLimiter::new(quota, store, ticks.clone());
        Self { governor, cells, ticks }
    }

    /// Counts a request of the key with this hash, if it may pass.
    pub(super) fn ask(&self, hash: u64) -> Decision {
        match self.governor.check_key(&hash) {
            Ok(state) => Decision::Passed { left: state.remaining_burst_capacity() },
            Err(not_until) => {
                let ticks = not_until.wait_time_from(self.ticks.now()).as_nanos();
                Decision::Refused { after: self.ticks.time_of(ticks) }
            }
        }
    }

    /// Counts a request less that has passed.
    pub(super) fn give_back(&self, hash: u64) {
        self.cells.relieve(hash, || self.ticks.now().as_u64(), TICKS.into());
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("ticks", &self.ticks).finish_non_exhaustive()
    }
}

/// The clock: the ticks since the limiter was made. To governor, they are nanoseconds.
#[derive(Clone, Debug)]
struct Ticks {
    began: Instant,
    requests: NonZeroU32,
    per: Duration,
}

impl Ticks {
    fn in_time(&self, time: Duration) -> u64 {
        let requests = u128::from(self.requests.get()) * u128::from(TICKS);
        u64::try_from(time.as_nanos() * requests / self.per.as_nanos().max(1)).unwrap_or(u64::MAX)
    }

    /// The time in which so many ticks pass, rounded up.
    fn time_of(&self, ticks: u128) -> Duration {
        let requests = u128::from(self.requests.get()) * u128::from(TICKS);
        let nanos = (ticks * self.per.as_nanos()).div_ceil(requests);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.in_time(self.began.elapsed()))
    }
}

/// The cells, as governor asks for them.
struct Store {
    cells: Arc<Cells>,
    ticks: Ticks,
}

impl StateStore for Store {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, hash: &u64, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let now = || self.ticks.now().as_u64();
        self.cells.change(*hash, now, |over| {
            decide(over.map(Nanos::from)).map(|(result, over)| (result, over.as_u64()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(requests: u32, per: Duration, burst: u32) -> Limiter {
        let number = |number| NonZeroU32::new(number).unwrap();
        Limiter::of(&RateLimit {
            name: "test".to_owned(),
            requests: number(requests),
            per,
            burst: number(burst),
            key: RateKey::Client,
            keys: 64,
            shared: false,
        })
    }

    fn passed(limiter: &Limiter, asked: usize) -> usize {
        (0..asked).filter(|_| matches!(limiter.ask(7), Decision::Passed { .. })).count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_at_once_and_then_the_rate() {
        let limiter = limiter(100, Duration::from_secs(60), 20);
        assert_eq!(passed(&limiter, 100), 20);
        tokio::time::advance(Duration::from_secs(6)).await;
        assert_eq!(passed(&limiter, 100), 10);
        tokio::time::advance(Duration::from_secs(600)).await;
        assert_eq!(passed(&limiter, 100), 20);
    }

    /// Periods that no number of nanoseconds divides, over an hour.
    #[tokio::test(start_paused = true)]
    async fn no_rate_is_rounded() {
        for (requests, seconds) in [(7, 1), (1, 3), (100, 60), (999, 60), (1, 3600), (1_000_000, 3600)] {
            let limiter = limiter(requests, Duration::from_secs(seconds), 1);
            let mut count = 0;
            let step = Duration::from_secs(seconds) / requests;
            for _ in 0..2000 {
                // A nanosecond more, since the step is rounded down.
                tokio::time::advance(step + Duration::from_nanos(1)).await;
                count += passed(&limiter, 2);
            }
            assert_eq!(count, 2000, "{requests} in {seconds} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_refused_is_told_when_the_next_may_pass() {
        let limiter = limiter(1, Duration::from_secs(10), 2);
        assert_eq!(limiter.ask(7), Decision::Passed { left: 1 });
        assert_eq!(limiter.ask(7), Decision::Passed { left: 0 });
        tokio::time::advance(Duration::from_secs(4)).await;
        let Decision::Refused { after } = limiter.ask(7) else { panic!("the burst is two") };
        assert!(after > Duration::from_secs(5) && after <= Duration::from_millis(6700), "{after:?}");
        tokio::time::advance(after).await;
        assert_eq!(limiter.ask(7), Decision::Passed { left: 0 });
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_given_back_may_be_used_again_and_not_more() {
        let limiter = limiter(1, Duration::from_secs(10), 2);
        limiter.give_back(7);
        assert_eq!(passed(&limiter, 3), 2, "who has used nothing gets nothing");
        limiter.give_back(7);
        limiter.give_back(8);
        assert_eq!(passed(&limiter, 2), 1);
        tokio::time::advance(Duration::from_secs(25)).await;
        limiter.give_back(7);
        assert_eq!(passed(&limiter, 3), 2, "nor who owes nothing any more");
    }

    #[tokio::test(start_paused = true)]
    async fn the_fastest_rate_and_the_slowest() {
        let fastest = limiter(1_000_000, Duration::from_secs(1), 1_000_000);
        assert_eq!(passed(&fastest, 1_000_001), 1_000_000);
        let slowest = limiter(1, Duration::from_secs(365 * 24 * 60 * 60), 1);
        assert_eq!(passed(&slowest, 2), 1);
        tokio::time::advance(Duration::from_secs(364 * 24 * 60 * 60)).await;
        assert_eq!(passed(&slowest, 2), 0);
        tokio::time::advance(Duration::from_secs(2 * 24 * 60 * 60)).await;
        assert_eq!(passed(&slowest, 2), 1);
    }
}
