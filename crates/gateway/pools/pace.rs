//! How many requests a second each endpoint gets.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::time::MissedTickBehavior;

use super::watch::Roster;

/// The time from one look at the counters to the next.
const EVERY: Duration = Duration::from_secs(1);
/// How many looks are looked back on.
const SECONDS: usize = 10;

/// The paces of all endpoints, as they were found last. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paces(Arc<ArcSwap<BTreeMap<Key, f64>>>);

/// The name of a pool, and the id of an endpoint.
type Key = (String, u64);

impl Paces {
    /// The requests a second that an endpoint got in the last ten seconds, or since it is there.
    pub(crate) fn of(&self, pool: &str, endpoint: u64) -> f64 {
        self.0.load().get(&(pool.to_owned(), endpoint)).copied().unwrap_or_default()
    }
}

/// Looks at the counters of all endpoints once a second. Runs until the future is dropped. Requests do nothing for it.
pub(crate) async fn measure(roster: Roster, paces: Paces) {
    let mut counts: BTreeMap<Key, VecDeque<u64>> = BTreeMap::new();
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let mut latest = BTreeMap::new();
        for pool in roster.load().iter() {
            for endpoint in pool.endpoints.snapshot() {
                let key = (pool.name.clone(), endpoint.id());
                let mut seen = counts.remove(&key).unwrap_or_default();
                if seen.len() > SECONDS {
                    seen.pop_front();
                }
                seen.push_back(endpoint.requests());
                latest.insert(key, seen);
            }
        }
        counts = latest;
        let found = counts.iter().map(|(key, seen)| (key.clone(), pace(seen)));
        paces.0.store(Arc::new(found.collect()));
    }
}

/// The mean of the seconds that were looked at. A new endpoint of the same name begins at zero.
fn pace(counts: &VecDeque<u64>) -> f64 {
    let Some((first, last)) = counts.front().zip(counts.back()) else { return 0.0 };
    last.saturating_sub(*first) as f64 / (counts.len() - 1).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_mean_of_the_seconds_that_were_seen() {
        for (counts, expected) in
            [(&[][..], 0.0), (&[5], 0.0), (&[0, 8], 8.0), (&[0, 8, 12], 6.0), (&[100, 3], 0.0)]
        {
            assert_eq!(pace(&counts.iter().copied().collect()), expected, "{counts:?}");
        }
    }
}
