//! The pools, with their endpoints.

use serde::Serialize;

use super::endpoint::Endpoint;
use crate::config::{Balancing, Config};
use crate::live::Handle;
use crate::pools::{NamedPool, takes_requests};

/// All pools, in the order of their names.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Pools {
    pools: Vec<Pool>,
}

/// A pool, and its endpoints.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Pool {
    name: String,
    policy: &'static str,
    /// Whether the certificates of its upstreams are verified, where they have some.
    verified: bool,
    endpoints: Vec<Endpoint>,
    /// How many endpoints take requests.
    usable: usize,
    retries: u64,
    failovers: u64,
    retry_budget_left: Option<u64>,
}

impl Pools {
    pub(crate) fn of(handle: &Handle) -> Self {
        let scene = handle.scene();
        Self { pools: handle.pools().iter().map(|pool| Pool::of(pool, &scene.config)).collect() }
    }
}

impl Pool {
    pub(crate) fn named(name: &str, handle: &Handle) -> Option<Self> {
        let pools = handle.pools();
        let pool = pools.iter().find(|pool| pool.name() == name)?;
        Some(Self::of(pool, &handle.scene().config))
    }

    fn of(pool: &NamedPool, config: &Config) -> Self {
        let endpoints = pool.endpoints().snapshot();
        let usable = endpoints.iter().filter(|endpoint| takes_requests(endpoint));
        let weights: u64 = usable.clone().map(|endpoint| u64::from(endpoint.weight())).sum();
        let configured = config.pools.iter().find(|configured| configured.name == pool.name());
        Self {
            name: pool.name().to_owned(),
            policy: configured.map_or("", |configured| policy(&configured.balancing)),
            verified: !pool.is_unverified(),
            usable: usable.count(),
            endpoints: endpoints.iter().map(|endpoint| Endpoint::of(endpoint, weights)).collect(),
            retries: 0,
            failovers: 0,
            retry_budget_left: None,
        }
    }
}

fn policy(balancing: &Balancing) -> &'static str {
    match balancing {
        Balancing::RoundRobin => "round_robin",
        Balancing::LeastLoaded => "least_loaded",
        Balancing::PeakEwma => "peak_ewma",
        Balancing::Random => "random",
        Balancing::Hash(_) => "hash",
    }
}
