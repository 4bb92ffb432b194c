//! What a new configuration has changed.

use std::fmt;

use super::changes::{self, Changes};
use crate::config::Config;

/// What a configuration that was applied has added, changed, removed and kept. Its `Display` is one line for a log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Applied {
    /// The number of the generation that runs now. The first one, which the gateway starts with, is 1. A configuration
    /// that says the same doesn't make a new one.
    pub generation: u64,
    /// Routes, by their prefixes.
    pub routes: Changes,
    /// Pools, by their names.
    pub pools: Changes,
    /// The upstreams of pools that were there before and still are, as `POOL:URL`.
    pub upstreams: Changes,
    /// Listeners, by their addresses.
    pub listeners: Changes,
    /// The keys outside of pools and routes that have other values now.
    pub settings: Vec<&'static str>,
}

impl Applied {
    pub(super) fn between(before: &Config, after: &Config, generation: u64) -> Self {
        Self {
            generation,
            routes: changes::of_routes(before, after),
            pools: changes::of_pools(before, after),
            upstreams: changes::of_upstreams(before, after),
            listeners: changes::of_listeners(before, after),
            settings: changes::of_settings(before, after),
        }
    }

    /// Whether the configuration says the same as the one before.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.routes, &self.pools, &self.upstreams, &self.listeners].into_iter().all(Changes::is_empty)
            && self.settings.is_empty()
    }
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "generation {}: ", self.generation)?;
        if self.is_empty() {
            return f.write_str("nothing changed");
        }
        let Self { routes, pools, upstreams, .. } = self;
        write!(f, "routes {routes}, pools {pools}, upstreams {upstreams}")?;
        if !self.listeners.is_empty() {
            write!(f, ", listeners {}", self.listeners)?;
        }
        if !self.settings.is_empty() {
            write!(f, ", settings ~{}", self.settings.join(" ~"))?;
        }
        Ok(())
    }
}
