//! How the requests are shared at present.

use std::{collections::HashMap, iter::successors, sync::Arc};

use crate::{endpoint::Endpoint, health::Ward, set::Set};

/// Each member of `set` with its share of the requests, from 0 to 1.
pub(crate) fn of<S>(set: &Set<S>, ward: &Ward) -> Vec<(Arc<Endpoint<S>>, f64)> {
    let by_health = |endpoint: &Endpoint<S>| f64::from(endpoint.weight()) * endpoint.condition.part(ward);
    let healthy = successors(Some(set.in_use(ward)), |set| set.with_next_tier());
    let turns = healthy
        .map(|set| turns(set, by_health))
        .find(|turns| !turns.is_empty())
        .unwrap_or_else(|| turns(set.of_all_tiers(), |endpoint| f64::from(endpoint.weight())));
    let all: f64 = turns.values().sum();
    let share =
        |member: &Arc<Endpoint<S>>| turns.get(&Arc::as_ptr(member).addr()).map_or(0.0, |turns| turns / all);
    set.members().iter().map(|member| (Arc::clone(member), share(member))).collect()
}

/// The turns of the endpoints that have any, by their addresses.
fn turns<S>(set: &Set<S>, turns: impl Fn(&Endpoint<S>) -> f64) -> HashMap<usize, f64> {
    let all = set.endpoints().iter().map(|endpoint| (Arc::as_ptr(endpoint).addr(), turns(endpoint)));
    all.filter(|(_, turns)| *turns > 0.0).collect()
}
