//! Logs when the health of an upstream changes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use balance::{AllDown, Health};
use tokio::time::MissedTickBehavior;

use super::NamedPool;
use super::endpoint::Endpoint;

/// The time from one look at the endpoints to the next. A change that is undone in between is not logged.
const EVERY: Duration = Duration::from_secs(1);

/// The pools that there are now.
pub(crate) type Roster = Arc<ArcSwap<Vec<NamedPool>>>;

/// Looks at each endpoint of the pools once a second, and logs what has changed. Runs until the future is dropped.
pub(crate) async fn watch(roster: Roster) {
    let mut seen: HashMap<String, Vec<Seen>> = HashMap::new();
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let mut latest = HashMap::with_capacity(seen.len());
        for pool in roster.load().iter() {
            let (name, before) =
                seen.remove_entry(&pool.name).unwrap_or_else(|| (pool.name.clone(), Vec::new()));
            let now = look_at(pool);
            pool.tell(&before, &now);
            latest.insert(name, now);
        }
        seen = latest;
    }
}

/// An endpoint, and the health that it had.
struct Seen {
    endpoint: Arc<balance::Endpoint<Endpoint>>,
    health: Health,
}

fn look_at(pool: &NamedPool) -> Vec<Seen> {
    let seen = |endpoint: Arc<balance::Endpoint<Endpoint>>| Seen { health: endpoint.health(), endpoint };
    pool.endpoints.snapshot().into_iter().map(seen).collect()
}

fn are_all_down(seen: &[Seen]) -> bool {
    !seen.is_empty() && seen.iter().all(|seen| seen.health == Health::Down)
}

/// The health that `now`, at this place of the list, had before. An endpoint that wasn't there began well.
///
/// Endpoints that stay keep their order. So it stands at the same place, or further up the older list.
fn health_before(before: &[Seen], place: usize, now: &Seen) -> Health {
    let (first, later) = before.split_at(place.min(before.len()));
    let mut seen = later.iter().chain(first);
    seen.find(|seen| Arc::ptr_eq(&seen.endpoint, &now.endpoint)).map_or(Health::Available, |seen| seen.health)
}

impl NamedPool {
    /// Logs the changes.
    fn tell(&self, before: &[Seen], now: &[Seen]) {
        for (place, seen) in now.iter().enumerate() {
            let (before, now) = (health_before(before, place, seen), seen.health);
            if before == now {
                continue;
            }
            let (pool, upstream) = (&self.name, seen.endpoint.service().target());
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
