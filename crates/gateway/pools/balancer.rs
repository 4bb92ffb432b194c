//! The balancer of a pool: what it is made of.

use axum::body::Body;
use axum::http::Request;
use balance::{Balance, Explained, Failover, GivingBack, Hedging, OnBodyEnd, Retrying, Returning};

use super::affinity::Affine;
use super::again::{self, Again};
use super::choice::Choice;
use super::endpoint::Endpoint;
use super::hedged::{self, Hedged};
use super::judge::Judge;
use super::tunnelled::UntilTunnelEnds;
use crate::config;
use crate::pick;

/// The endpoints and the policy: what outlives another configuration of retries, hedges and affinity.
pub(super) type Core = Balance<Endpoint, Affine<Choice>>;

/// The balancer of a pool. A request that was not sent goes to another endpoint; one that failed is sent again if the
/// pool's retries say so, and one that takes long goes to a second endpoint if `hedge` says so. A request is in flight until its response's body or its tunnel ends.
pub(super) type Balancer = Balance<Endpoint, Affine<Choice>, Recovery, Completion>;

type Recovery = Hedging<Hedged, Retrying<Again, Failover>>;

/// The same, for a route that has another pool.
pub(super) type GivingBackBalancer =
    GivingBack<Balance<Endpoint, Affine<Choice>, Returning<Recovery>, Completion>>;

type Completion = Explained<OnBodyEnd<Judge, UntilTunnelEnds>, fn(&Request<Body>) -> bool>;

pub(super) fn balancer(core: &Core, pool: &config::Pool) -> Balancer {
    let on_body_end = OnBodyEnd::judged_by(Judge).upgraded(UntilTunnelEnds);
    core.clone()
        .failover(pool.failover)
        .retry(again::retry(pool.retries.as_ref()))
        .hedge(hedged::hedge(pool))
        .completion(Explained::when(pick::is_asked_for, on_body_end))
}
