//! A pool as onlookers see it: the log, and operators.

use balance::{AllDown, Endpoints, Health};

use super::balancer::Balancer;
use super::endpoint::Endpoint;
use super::unverified::is_unverified;
use crate::config::{Balancing, Pool};

/// The name and the endpoints of a pool.
#[derive(Clone, Debug)]
pub(crate) struct NamedPool {
    pub(super) name: String,
    pub(super) endpoints: Endpoints<Endpoint>,
    balancer: Balancer,
    policy: &'static str,
    is_unverified: bool,
    pub(super) all_down: AllDown,
}

impl NamedPool {
    pub(super) fn new(pool: &Pool, balancer: Balancer) -> Self {
        let all_down = pool.health.as_ref().map(|check| check.all_down).unwrap_or_default();
        Self {
            name: pool.name.clone(),
            endpoints: balancer.endpoints(),
            balancer,
            policy: policy_name(&pool.balancing),
            is_unverified: is_unverified(pool),
            all_down,
        }
    }

    /// How many retries its budget allows at present. `None` if it makes no retries.
    pub(crate) fn retries_left(&self) -> Option<u64> {
        self.balancer.retries_left()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The name of the policy that picks its endpoints, as in the file.
    pub(crate) fn policy(&self) -> &'static str {
        self.policy
    }

    /// Whether the certificates of its upstreams are not verified.
    pub(crate) fn is_unverified(&self) -> bool {
        self.is_unverified
    }

    pub(crate) fn endpoints(&self) -> &Endpoints<Endpoint> {
        &self.endpoints
    }

    /// Whether an endpoint takes requests, in the state in which all of them are.
    pub(crate) fn is_usable(&self) -> bool {
        let endpoints = self.endpoints.snapshot();
        let are_all_down = endpoints.iter().all(|endpoint| endpoint.health() == Health::Down);
        if are_all_down && self.all_down == AllDown::Use {
            return !endpoints.is_empty();
        }
        endpoints.iter().any(|endpoint| takes_requests(endpoint))
    }
}

fn policy_name(balancing: &Balancing) -> &'static str {
    match balancing {
        Balancing::RoundRobin => "round_robin",
        Balancing::LeastLoaded => "least_loaded",
        Balancing::PeakEwma => "peak_ewma",
        Balancing::Random => "random",
        Balancing::Hash(_) => "hash",
    }
}

/// Whether an endpoint takes new requests.
pub(crate) fn takes_requests(endpoint: &balance::Endpoint<Endpoint>) -> bool {
    endpoint.weight() > 0
        && matches!(endpoint.health(), Health::Available | Health::SlowStart | Health::Trial)
}
