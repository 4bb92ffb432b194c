//! A pool as the index page shows it.

use std::fmt;

use balance::{AllDown, Endpoints};

use super::unverified::is_unverified;
use super::{Balancer, Endpoint};
use crate::config::Pool;

/// The name and the endpoints of a pool. Its `Display` has one line for the pool and one for each endpoint.
#[derive(Clone, Debug)]
pub(crate) struct NamedPool {
    pub(super) name: String,
    pub(super) endpoints: Endpoints<Endpoint>,
    balancer: Balancer,
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
            is_unverified: is_unverified(pool),
            all_down,
        }
    }

    /// How many retries its budget allows at present. `None` if it makes no retries.
    #[expect(dead_code, reason = "the operator's view will show it")]
    pub(crate) fn retries_left(&self) -> Option<u64> {
        self.balancer.retries_left()
    }
}

impl fmt::Display for NamedPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let warning = if self.is_unverified {
            "  NOT VERIFIED: the certificates of its upstreams are not verified"
        } else {
            ""
        };
        writeln!(f, "  {}{warning}", self.name)?;
        for endpoint in self.endpoints.snapshot() {
            let connections = endpoint.service().connections();
            writeln!(
                f,
                "    {}  weight {}  {:?}  {} in flight  {} requests  {} failures  \
                 {} connections: {} idle, {} waiting for one",
                endpoint.service().target(),
                endpoint.weight(),
                endpoint.health(),
                endpoint.in_flight(),
                endpoint.requests(),
                endpoint.failures(),
                connections.open,
                connections.idle,
                connections.waiting,
            )?;
        }
        Ok(())
    }
}
