//! Pools: a balancer each, over endpoints that share one client.

mod affinity;
mod again;
mod choice;
mod endpoint;
mod explained;
mod judge;
mod named;
mod probe;
mod settings;
mod watch;

use axum::body::Body;
use axum::http::Request;
use balance::{Balance, Entry, Explained, Failover, OnBodyEnd, Retrying};
use proxy_service::{Client, ProxyLayer, Target};
use tower::Layer;

use self::again::Again;
use self::choice::Choice;
use self::endpoint::Endpoint;
pub(crate) use self::endpoint::id_of;
pub(crate) use self::explained::explained;
use self::judge::Judge;
pub(crate) use self::named::NamedPool;
pub(crate) use self::probe::probe;
pub(crate) use self::watch::watch;
use crate::config::Pool;
use crate::pick;

/// Unsent requests go on elsewhere, others by the pool's retries; in flight until the body ends.
pub(crate) type PoolService = Balance<Endpoint, Choice, Retrying<Again, Failover>, Completion>;

type Completion = Explained<OnBodyEnd<Judge>, fn(&Request<Body>) -> bool>;

/// Makes a pool's balancer; `proxy` says how each of its targets is proxied to.
pub(crate) fn balancer(
    pool: &Pool,
    client: &Client<Body>,
    proxy: impl Fn(Target) -> ProxyLayer,
) -> PoolService {
    let entries = pool.upstreams.iter().map(|upstream| {
        let target = upstream.target.clone();
        let id = endpoint::id_of(&target);
        Entry::new(Endpoint::new(proxy(target).layer(client.clone()))).weight(upstream.weight.get()).id(id)
    });
    let completion: Completion = Explained::when(pick::is_asked_for, OnBodyEnd::judged_by(Judge));
    Balance::with(settings::of(pool), Choice::of(&pool.balancing), entries)
        .failover(pool.failover)
        .retry(again::retry(pool.retries.as_ref()))
        .completion(completion)
}
