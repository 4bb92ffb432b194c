//! `Kept`: what of the limits outlives another configuration, because it is counted.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::buffer::Memory;
use super::concurrency::ConcurrencyLayer;
use super::rate::{Common, Counter};
use crate::background::Background;
use crate::config::{Config, Route};
use crate::route::mirror::Copies;

/// What is counted for the limits of all routes.
#[derive(Debug)]
pub(crate) struct Kept {
    by_route: BTreeMap<String, OfRoute>,
    /// The memory for all buffers, and how much there is of it.
    memory: (usize, Memory),
    common: Option<Common>,
}

/// What is counted for the limits of one route.
#[derive(Debug, Default)]
struct OfRoute {
    counters: Vec<Arc<Counter>>,
    concurrency: Option<ConcurrencyLayer>,
    copies: Option<Copies>,
}

impl Default for Kept {
    fn default() -> Self {
        Self { by_route: BTreeMap::new(), memory: (0, Memory::of(0)), common: None }
    }
}

impl Kept {
    /// What these routes need: that of `before` where a limit is the same, and what has to run in the background for it.
    pub(crate) fn of(config: &Config, before: &Self) -> (Self, Background) {
        let by_route = config.routes.iter().filter_map(|route| {
            let of_route = OfRoute::of(route, before.by_route.get(&route.name))?;
            Some((route.name.clone(), of_route))
        });
        let bytes = config.limits.buffers;
        let memory =
            if before.memory.0 == bytes { before.memory.clone() } else { (bytes, Memory::of(bytes)) };
        let (common, background) = common(config, before.common.as_ref());
        (Self { by_route: by_route.collect(), memory, common }, background)
    }

    pub(super) fn counters(&self, route: &Route) -> &[Arc<Counter>] {
        self.by_route.get(&route.name).map_or(&[], |of_route| &of_route.counters)
    }

    pub(super) fn concurrency(&self, route: &Route) -> Option<&ConcurrencyLayer> {
        self.by_route.get(&route.name)?.concurrency.as_ref()
    }

    /// The copies of its requests that are under way, if it has a mirror.
    pub(in crate::route) fn copies(&self, route: &Route) -> Option<&Copies> {
        self.by_route.get(&route.name)?.copies.as_ref()
    }

    pub(super) fn memory(&self) -> &Memory {
        &self.memory.1
    }

    /// The bytes that are in buffers.
    pub(super) fn buffered(&self) -> usize {
        self.memory.0.saturating_sub(self.memory.1.left())
    }

    pub(super) fn common(&self) -> Option<&Common> {
        self.common.as_ref()
    }

    /// The names of all routes with their counters.
    pub(super) fn all_counters(&self) -> impl Iterator<Item = (&str, &Counter)> {
        let all = self.by_route.iter();
        all.flat_map(|(name, of_route)| of_route.counters.iter().map(|counter| (name.as_str(), &**counter)))
    }
}

impl OfRoute {
    /// `None` if the route counts nothing.
    fn of(route: &Route, before: Option<&Self>) -> Option<Self> {
        let limits = &route.limits;
        let counters = limits.rates.iter().map(|limit| {
            let same = before.and_then(|before| before.counters.iter().find(|it| it.limit() == limit));
            same.cloned().unwrap_or_else(|| Arc::new(Counter::new(limit.clone())))
        });
        let concurrency = limits.concurrency.as_ref().map(|limit| {
            let same = before.and_then(|before| before.concurrency.as_ref()).filter(|it| it.limit() == limit);
            same.cloned().unwrap_or_else(|| ConcurrencyLayer::new(limit.clone()))
        });
        let known = || before.and_then(|before| before.copies.clone());
        let copies = route.others.mirror.as_ref().map(|_| known().unwrap_or_default());
        let is_needed = !limits.rates.is_empty() || concurrency.is_some() || copies.is_some();
        is_needed.then(|| Self { counters: counters.collect(), concurrency, copies })
    }
}

/// The server that a configuration names, if a limit is shared there.
fn common(config: &Config, before: Option<&Common>) -> (Option<Common>, Background) {
    let is_needed = config.routes.iter().flat_map(|route| &route.limits.rates).any(|limit| limit.shared);
    let Some(redis) = config.redis.as_ref().filter(|_| is_needed) else {
        return (None, Background::default());
    };
    match before.filter(|before| before.asks(redis)) {
        Some(same) => (Some(same.clone()), Background::default()),
        None => {
            let (common, keeping) = Common::at(redis).unzip();
            let mut background = Background::default();
            keeping.into_iter().for_each(|keeping| background.add(keeping));
            (common, background)
        }
    }
}
