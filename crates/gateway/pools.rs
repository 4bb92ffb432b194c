//! A pool: its client, an endpoint for each upstream, the balancer over them, and the affinity cookie around it.

mod affinity;
mod again;
mod choice;
mod client;
mod dial;
mod endpoint;
mod explained;
mod judge;
mod members;
mod named;
mod probe;
mod settings;
mod tunnelled;
mod unverified;
mod watch;

use axum::body::Body;
use axum::http::Request;
use balance::{Balance, Entry, Explained, Failover, OnBodyEnd, Retrying};
use proxy_service::{Client, ProxyLayer, Target};
use tower::Layer;
use tower::util::{Either, option_layer};

use self::affinity::{Affine, AffinityLayer, StickyService};
use self::again::Again;
use self::choice::Choice;
use self::endpoint::Endpoint;
pub(crate) use self::explained::explained;
use self::judge::Judge;
use self::members::Members;
pub(crate) use self::named::NamedPool;
use self::tunnelled::UntilTunnelEnds;
pub(crate) use self::watch::watch;
use crate::background::Background;
use crate::config;
use crate::pick::{self, Names};

/// A pool that is ready to serve. All routes to it share this.
#[derive(Debug)]
pub(crate) struct Pool {
    balancer: Balancer,
    members: Members,
    client: Client<Body>,
    affinity: Option<AffinityLayer>,
}

const NO_ENDPOINTS: [Entry<Endpoint>; 0] = [];

/// The balancer, inside the affinity cookie's service if the pool has one.
pub(crate) type PoolService = Either<StickyService<Balancer>, Balancer>;

/// The balancer of a pool. A request that was not sent goes to another endpoint; one that failed is sent again if the
/// pool's retries say so. A request is in flight until its response's body or its tunnel ends.
type Balancer = Balance<Endpoint, Affine<Choice>, Retrying<Again, Failover>, Completion>;

type Completion = Explained<OnBodyEnd<Judge, UntilTunnelEnds>, fn(&Request<Body>) -> bool>;

impl Pool {
    /// Makes the pool. `proxy` makes the proxy layer for an upstream, with the settings that all pools have in common.
    pub(crate) fn new(
        pool: &config::Pool,
        limits: &config::Limits,
        proxy: impl Fn(Target) -> ProxyLayer + Send + Sync + 'static,
    ) -> Self {
        let client = client::of(pool, limits);
        let timeouts = settings::timeouts(&pool.timeouts);
        let policy = Affine::or(Choice::of(&pool.balancing));
        let on_body_end = OnBodyEnd::judged_by(Judge).upgraded(UntilTunnelEnds);
        let completion: Completion = Explained::when(pick::is_asked_for, on_body_end);
        let balancer = Balance::with(settings::of(pool), policy, NO_ENDPOINTS)
            .failover(pool.failover)
            .retry(again::retry(pool.retries.as_ref()))
            .completion(completion);
        let reached_by = client.clone();
        let members = Members::new(&balancer.endpoints(), move |target| {
            Endpoint::new(proxy(target).timeouts(timeouts).layer(reached_by.clone()))
        });
        members.set(&pool.upstreams);
        let affinity = pool.affinity.as_ref().map(|affinity| AffinityLayer::new(affinity, &pool.name));
        Self { balancer, members, client, affinity }
    }

    /// The service that the pool's routes forward to.
    pub(crate) fn service(&self) -> PoolService {
        option_layer(self.affinity.clone()).layer(self.balancer.clone())
    }

    /// The upstreams of the pool, which may change while it serves.
    #[expect(dead_code, reason = "a reload is to use it")]
    pub(crate) fn members(&self) -> &Members {
        &self.members
    }

    pub(crate) fn names(&self) -> Names {
        let endpoints = self.balancer.endpoints();
        Names::found_by(move |id| endpoint::name_of(id, &endpoints))
    }

    pub(crate) fn named(&self, pool: &config::Pool) -> NamedPool {
        NamedPool::new(pool, self.balancer.endpoints())
    }

    /// What runs beside the requests as long as the pool is there: probes, dials, and a reminder of `verify = false`.
    pub(crate) fn background(&self, pool: &config::Pool) -> Background {
        let mut background = Background::default();
        let endpoints = self.balancer.endpoints();
        if let Some(check) = &pool.health {
            background.add(probe::probe(check, &endpoints, &self.client));
        }
        if pool.outliers.is_some() {
            background.add(dial::dial(&endpoints, &self.client));
        }
        if unverified::is_unverified(pool) {
            background.add(unverified::remind(pool.name.clone()));
        }
        background
    }
}
