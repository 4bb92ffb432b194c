//! What of a pool another configuration leaves as it is.

use crate::config::{HealthCheck, Limits, Pool, PoolTimeouts};

/// What has to be made anew for another configuration of the same pool. What isn't named here is made anew each time:
/// it has no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Differences {
    /// The client, with its connections.
    pub(super) client: bool,
    /// The endpoints, with their health, counters and requests in flight, and the balancer's policy.
    pub(super) endpoints: bool,
    /// The background tasks.
    pub(crate) tasks: bool,
}

/// A pool's configuration, and the limits that it depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) pool: &'a Pool,
    pub(crate) limits: &'a Limits,
}

impl Differences {
    /// Whether the endpoints stay, so that the pool's upstreams only have to be set.
    pub(crate) fn keep_endpoints(self) -> bool {
        !self.endpoints
    }

    /// What differs between two configurations of a pool. `None` if nothing does.
    pub(crate) fn between(before: Wanted<'_>, after: Wanted<'_>) -> Option<Self> {
        let answers = |limits: &Limits| (limits.response_section, limits.response_fields);
        let other_answers = answers(before.limits) != answers(after.limits);
        if before.pool == after.pool && !other_answers {
            return None;
        }
        let then = before.pool;
        // Every field is named here, so that a new one isn't forgotten.
        let Pool {
            name: _,
            upstreams: _,
            tier_share,
            protocols,
            header_case,
            failover: _,
            balancing,
            health,
            outliers,
            slow_start,
            retries: _,
            hedge: _,
            capacity,
            connections,
            send_proxy,
            timeouts,
            #[cfg(feature = "tls")]
            tls,
            affinity: _,
        } = after.pool;
        let PoolTimeouts { connect, response_head, body_idle, tunnel_idle } = timeouts;
        #[cfg(feature = "tls")]
        let other_tls = then.tls != *tls;
        #[cfg(not(feature = "tls"))]
        let other_tls = false;

        let client = other_answers
            || other_tls
            || then.send_proxy != *send_proxy
            || (then.protocols, then.header_case) != (*protocols, *header_case)
            || (&then.connections, then.timeouts.connect) != (connections, *connect);
        let all_down =
            |health: &Option<HealthCheck>| health.as_ref().map(|check| check.all_down).unwrap_or_default();
        let of_a_proxy =
            |timeouts: &PoolTimeouts| (timeouts.response_head, timeouts.body_idle, timeouts.tunnel_idle);
        let endpoints = client
            || of_a_proxy(&then.timeouts) != (*response_head, *body_idle, *tunnel_idle)
            || (&then.balancing, &then.outliers) != (balancing, outliers)
            || then.tier_share != *tier_share
            || (then.slow_start, &then.capacity) != (*slow_start, capacity)
            || all_down(&then.health) != all_down(health);
        Some(Self { client, endpoints, tasks: endpoints || then.health != *health })
    }
}
