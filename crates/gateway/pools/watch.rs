//! Logs when the health of an upstream changes.

use std::time::Duration;

use balance::{AllDown, Health};
use tokio::time::MissedTickBehavior;

use super::NamedPool;

/// The time from one look at the endpoints to the next. A change that is undone in between is not logged.
const EVERY: Duration = Duration::from_secs(1);

/// Looks at each endpoint of the pools once a second, and logs what has changed. Runs until the future is dropped.
pub(crate) async fn watch(pools: Vec<NamedPool>) {
    let mut seen: Vec<Vec<Health>> = pools.iter().map(healths).collect();
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for (pool, before) in pools.iter().zip(&mut seen) {
            let now = healths(pool);
            pool.tell(before, &now);
            *before = now;
        }
    }
}

fn healths(pool: &NamedPool) -> Vec<Health> {
    pool.endpoints.snapshot().iter().map(|endpoint| endpoint.health()).collect()
}

fn are_all_down(healths: &[Health]) -> bool {
    !healths.is_empty() && healths.iter().all(|health| *health == Health::Down)
}

impl NamedPool {
    /// Logs the changes. The endpoints of a configured pool never change, so each index in `before` and `now` is the
    /// same endpoint.
    fn tell(&self, before: &[Health], now: &[Health]) {
        let changes = self.endpoints.snapshot().into_iter().zip(before.iter().zip(now));
        for (endpoint, (before, now)) in changes.filter(|(_, (before, now))| before != now) {
            let (pool, upstream) = (&self.name, endpoint.service().target());
            match now {
                Health::Ejected | Health::Down => {
                    tracing::warn!(target: "gateway::health", pool, %upstream, ?before, ?now, "an upstream is out");
                }
                _ => tracing::info!(target: "gateway::health", pool, %upstream, ?before, ?now),
            }
        }
        match (are_all_down(before), are_all_down(now)) {
            (false, true) => self.tell_all_down(),
            (true, false) => {
                tracing::info!(target: "gateway::health", pool = self.name, "not all upstreams are down any more")
            }
            _ => {}
        }
    }

    fn tell_all_down(&self) {
        let pool = &self.name;
        match self.all_down {
            AllDown::Refuse => tracing::error!(
                target: "gateway::health",
                pool,
                "probes find all upstreams down: requests are refused with 503 (health.all_down = \"refuse\"); if the \
                 probes are wrong, \"use\" sends requests all the same"
            ),
            AllDown::Use => tracing::error!(
                target: "gateway::health",
                pool,
                "probes find all upstreams down: requests are sent to them all the same (health.all_down = \"use\")"
            ),
        }
    }
}
