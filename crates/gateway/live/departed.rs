//! What goes on of routes and upstreams that are gone, and when it ends.

use std::collections::BTreeMap;
use std::time::Duration;

use proxy_service::Tunnels;

use crate::config::{Config, Route};
use crate::stay::Stay;

/// The stays of all routes. A route that goes to other pools is another one.
#[derive(Debug, Default)]
pub(super) struct Stays {
    by_route: BTreeMap<Key, Stay>,
}

impl Stays {
    /// The stays of these routes: those of `before` where the route is in both.
    pub(super) fn of(config: &Config, before: &Self, tunnels: &Tunnels) -> Self {
        let named = config.routes.iter().map(|route| {
            let key = key(config, route);
            let stay = before.by_route.get(&key).cloned().unwrap_or_else(|| Stay::among(tunnels));
            (key, stay)
        });
        Self { by_route: named.collect() }
    }

    pub(super) fn get(&self, config: &Config, route: &Route) -> Option<&Stay> {
        self.by_route.get(&key(config, route))
    }

    /// Those that `after` doesn't have.
    pub(super) fn left_by(self, after: &Self) -> Vec<Stay> {
        let left = self.by_route.into_iter().filter(|(key, _)| !after.by_route.contains_key(key));
        left.map(|(_, stay)| stay).collect()
    }
}

/// The names of a route and of its pools.
type Key = (String, Vec<String>);

fn key(config: &Config, route: &Route) -> Key {
    (route.name.clone(), config.pools_of(route).map(|pool| pool.name.clone()).collect())
}

/// What is gone with a configuration.
pub(super) struct Departed {
    pub(super) routes: Vec<Stay>,
    /// Those of the upstreams.
    pub(super) tunnels: Vec<Tunnels>,
}

impl Departed {
    pub(super) fn is_empty(&self) -> bool {
        self.routes.is_empty() && self.tunnels.is_empty()
    }

    /// Ends what is still going on after this time.
    pub(super) async fn end_after(self, time: Duration) {
        tokio::time::sleep(time).await;
        self.routes.iter().for_each(Stay::end);
        self.tunnels.iter().for_each(Tunnels::close);
    }
}
