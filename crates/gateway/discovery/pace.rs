//! When a source looks again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The shortest and the longest time from one look to the next.
const SOONEST: Duration = Duration::from_secs(1);
const LATEST: Duration = Duration::from_secs(5 * 60);
/// The longest time after a look that failed.
const LATEST_AFTER_FAILURE: Duration = Duration::from_secs(5);
/// A look comes by up to this much late, or a tenth of its time if that is less. So gateways that were started together
/// don't ask together for ever.
const MOST_JITTER: Duration = Duration::from_millis(500);

/// By this, those who can't connect to an endpoint of a pool ask its sources to look again. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked(Arc<Notify>);

impl Asked {
    /// Asks for another look, which comes no sooner than a second after the last one.
    pub(crate) fn ask(&self) {
        self.0.notify_waiters();
    }
}

/// The looks of one source.
#[derive(Debug)]
pub(super) struct Pace {
    asked: Asked,
    last: Instant,
    /// How many looks in a row have failed.
    failures: u32,
}

impl Pace {
    pub(super) fn new(asked: Asked) -> Self {
        Self { asked, last: Instant::now(), failures: 0 }
    }

    /// A look begins.
    pub(super) fn begin(&mut self) {
        self.last = Instant::now();
    }

    /// Waits until the next look, after one whose result holds for `ttl`. `None`: it failed.
    pub(super) async fn wait(&mut self, ttl: Option<Duration>) {
        let wait = match ttl {
            Some(ttl) => {
                self.failures = 0;
                ttl.clamp(SOONEST, LATEST)
            }
            None => {
                self.failures = self.failures.saturating_add(1);
                let doubled = SOONEST.saturating_mul(1 << (self.failures - 1).min(16));
                doubled.min(LATEST_AFTER_FAILURE)
            }
        };
        let due = self.last + wait + (wait / 10).min(MOST_JITTER).mul_f64(chance());
        let soonest = self.last + SOONEST;
        tokio::select! {
            () = sleep_until(due) => {}
            () = self.asked.0.notified() => sleep_until(soonest).await,
        }
    }
}

/// A random number from 0 to 1.
fn chance() -> f64 {
    let random = getrandom::u32().expect("std's maps and the request ids have had random bytes before");
    f64::from(random) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn waits(pace: &mut Pace, ttl: Option<u64>) -> f64 {
        pace.begin();
        let began = Instant::now();
        pace.wait(ttl.map(Duration::from_secs)).await;
        began.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn as_long_as_the_ttl_within_bounds_and_longer_with_each_failure() {
        let mut pace = Pace::new(Asked::default());
        for (ttl, least) in [
            (Some(0), 1.0),
            (Some(1), 1.0),
            (Some(60), 60.0),
            (Some(86_400), 300.0),
            (None, 1.0),
            (None, 2.0),
            (None, 4.0),
            (None, 5.0),
            (None, 5.0),
            (Some(5), 5.0),
            (None, 1.0),
        ] {
            let waited = waits(&mut pace, ttl).await;
            // Timers are as exact as a millisecond.
            let most = least + f64::min(least / 10.0, 0.5) + 0.002;
            assert!((least..most).contains(&waited), "{ttl:?}: {waited}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_is_heard_at_once_but_not_twice_a_second() {
        let asked = Asked::default();
        let mut pace = Pace::new(asked.clone());
        for (asks_after, expected) in [(100, 1.0), (20_000, 20.0)] {
            let asking = async {
                tokio::time::sleep(Duration::from_millis(asks_after)).await;
                asked.ask();
            };
            let (waited, ()) = tokio::join!(waits(&mut pace, Some(60)), asking);
            assert!((waited - expected).abs() < 0.01, "{waited}");
        }
    }
}
