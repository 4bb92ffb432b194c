//! What is known of a gateway that runs, beyond its configuration: the endpoints that its pools have at present.

use std::num::NonZeroU16;
use std::sync::Arc;

use proxy_service::Target;

use crate::config::{Config, Location, Pool, Upstream};
use crate::pools::{Endpoint, NamedPool, takes_requests};

/// The endpoints of pools. A pool that isn't among them has those that the configuration lists.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The pools whose endpoints are known.
    pub pools: Vec<KnownPool>,
}

/// The endpoints that a pool has.
#[derive(Clone, Debug)]
pub struct KnownPool {
    /// The pool's name.
    pub name: String,
    /// Its endpoints.
    pub endpoints: Vec<KnownEndpoint>,
}

/// An endpoint of a pool.
#[derive(Clone, Debug)]
pub struct KnownEndpoint {
    /// Where it is.
    pub target: Target,
    /// Its weight. With 0 it gets no requests.
    pub weight: u16,
    /// Its tier.
    pub priority: u8,
    /// Why it takes no requests, such as `ejected until ...`. `None` if it takes some.
    pub out: Option<String>,
}

impl Known {
    /// What pools that run have.
    pub(crate) fn of(pools: &[NamedPool]) -> Self {
        let pool = |pool: &NamedPool| {
            let endpoints = pool.endpoints().snapshot();
            // Where all are down and are used all the same, none is out.
            let are_all_used = pool.is_usable() && !endpoints.iter().any(|endpoint| takes_requests(endpoint));
            let endpoint = |endpoint: &Arc<balance::Endpoint<Endpoint>>| KnownEndpoint {
                target: endpoint.service().target().clone(),
                weight: endpoint.weight(),
                priority: endpoint.priority(),
                out: (!are_all_used && !takes_requests(endpoint)).then(|| word(endpoint)),
            };
            KnownPool { name: pool.name().to_owned(), endpoints: endpoints.iter().map(endpoint).collect() }
        };
        Self { pools: pools.iter().map(pool).collect() }
    }

    /// The configuration with the endpoints that take requests in place of the upstreams that it lists.
    pub(super) fn applied_to(&self, config: &Config) -> Config {
        let mut config = config.clone();
        for pool in &mut config.pools {
            pool.upstreams = match self.pool(&pool.name) {
                Some(known) => known.endpoints.iter().filter_map(KnownEndpoint::upstream).collect(),
                None => pool.upstreams.iter().filter_map(as_written).collect(),
            };
        }
        config
    }

    /// The endpoints of a pool that take no requests, and why.
    pub(super) fn out_of(&self, pool: &str) -> Vec<String> {
        let endpoints = self.pool(pool).into_iter().flat_map(|known| &known.endpoints);
        endpoints
            .filter_map(|endpoint| Some(format!("{}: {}", endpoint.target, endpoint.out.as_ref()?)))
            .collect()
    }

    /// What can't be known of a pool, since nothing is looked up.
    pub(super) fn gap_in(&self, pool: &Pool) -> Option<String> {
        if self.pool(&pool.name).is_some() {
            return None;
        }
        let found =
            pool.upstreams.iter().find(|upstream| !matches!(upstream.location, Location::Fixed(_)))?;
        Some(format!(
            "The endpoints of {} are found when the gateway runs. Nothing was looked up for this answer.",
            found.location
        ))
    }

    fn pool(&self, name: &str) -> Option<&KnownPool> {
        self.pools.iter().find(|pool| pool.name == name)
    }
}

impl KnownEndpoint {
    fn upstream(&self) -> Option<Upstream> {
        let weight = NonZeroU16::new(self.weight).filter(|_| self.out.is_none())?;
        Some(Upstream { location: Location::Fixed(self.target.clone()), weight, priority: self.priority })
    }
}

/// Why an endpoint takes no requests.
fn word(endpoint: &balance::Endpoint<Endpoint>) -> String {
    match endpoint.weight() {
        0 => "its weight is 0".to_owned(),
        _ => format!("{:?}", endpoint.health()).to_lowercase(),
    }
}

/// An upstream that has to be looked up stands for all of its endpoints.
fn as_written(upstream: &Upstream) -> Option<Upstream> {
    let target = match &upstream.location {
        Location::Fixed(target) | Location::Name(target) | Location::Service(target) => target.clone(),
        Location::File(_) => return None,
    };
    Some(Upstream { location: Location::Fixed(target), ..upstream.clone() })
}
