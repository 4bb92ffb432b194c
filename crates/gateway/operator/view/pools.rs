//! The pools, with their endpoints.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::endpoint::{Endpoint, Seen};
use crate::live::Handle;
use crate::observe::failures::Failure;
use crate::pools::{self, NamedPool, takes_requests};

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
        let known = Known::of(handle);
        Self { pools: handle.pools().iter().map(|pool| known.pool(pool)).collect() }
    }
}

impl Pool {
    pub(crate) fn named(name: &str, handle: &Handle) -> Option<Self> {
        let pools = handle.pools();
        let pool = pools.iter().find(|pool| pool.name() == name)?;
        Some(Known::of(handle).pool(pool))
    }
}

impl Endpoint {
    /// One endpoint of a pool, as it is now.
    pub(crate) fn within(
        pool: &NamedPool,
        endpoint: &Arc<balance::Endpoint<pools::Endpoint>>,
        handle: &Handle,
    ) -> Self {
        let shares = pool.endpoints().shares();
        let share =
            shares.iter().find(|(one, _)| Arc::ptr_eq(one, endpoint)).map_or(0.0, |(_, share)| *share);
        Known::of(handle).endpoint(pool, endpoint, share)
    }
}

/// What is known of the pools beside their endpoints.
struct Known {
    handle: Handle,
    /// The last failures of upstreams, by their URLs.
    failures: HashMap<String, Arc<Failure>>,
}

impl Known {
    fn of(handle: &Handle) -> Self {
        let oldest_first = handle.observed().failures().last().into_iter().rev();
        let failures = oldest_first.filter_map(|(_, failure)| Some((failure.upstream.clone()?, failure)));
        Self { handle: handle.clone(), failures: failures.collect() }
    }

    fn pool(&self, pool: &NamedPool) -> Pool {
        let shares = pool.endpoints().shares();
        Pool {
            name: pool.name().to_owned(),
            policy: pool.policy(),
            verified: !pool.is_unverified(),
            usable: shares.iter().filter(|(endpoint, _)| takes_requests(endpoint)).count(),
            retries: pool.endpoints().retries(),
            failovers: pool.endpoints().failovers(),
            retry_budget_left: pool.retries_left(),
            endpoints: shares.iter().map(|(endpoint, share)| self.endpoint(pool, endpoint, *share)).collect(),
        }
    }

    fn endpoint(
        &self,
        pool: &NamedPool,
        endpoint: &balance::Endpoint<pools::Endpoint>,
        share: f64,
    ) -> Endpoint {
        let url = endpoint.service().target().to_string();
        Endpoint::of(Seen {
            endpoint,
            share,
            requests_per_second: self.handle.paces().of(pool.name(), endpoint.id()),
            last_error: self.failures.get(&url).map(|failure| &**failure),
        })
    }
}
