//! A pool: its client, an endpoint for each upstream, the balancer over them, and the affinity cookie around it.

mod affinity;
mod again;
mod choice;
mod client;
mod dial;
mod endpoint;
mod explained;
mod follow;
mod judge;
mod listed;
mod members;
mod named;
mod probe;
mod settings;
mod tunnelled;
mod unverified;
mod watch;

use std::sync::Arc;

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
use self::follow::Looking;
use self::judge::Judge;
pub(crate) use self::listed::Listed;
use self::members::Members;
pub(crate) use self::named::NamedPool;
use self::tunnelled::UntilTunnelEnds;
pub(crate) use self::watch::watch;
use crate::background::Background;
use crate::config;
use crate::discovery::{Asked, Latest, Sources};
use crate::pick::{self, Names};

/// A pool that is ready to serve. All routes to it share this.
#[derive(Debug)]
pub(crate) struct Pool {
    balancer: Balancer,
    looking: Looking,
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
    /// Makes the pool. It has the endpoints that the configuration names. Those that have to be looked up come with
    /// [`find`](Self::find). `proxy` makes the proxy layer for an upstream, with the settings that all pools have in
    /// common.
    pub(crate) fn new(
        pool: &config::Pool,
        limits: &config::Limits,
        sources: Sources,
        proxy: impl Fn(Target) -> ProxyLayer + Send + Sync + 'static,
    ) -> Self {
        let asked = Asked::default();
        let client = client::of(pool, limits, asked.clone());
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
        members.list(pool.upstreams.iter().map(Listed::of).collect());
        let looking = Looking { members: Arc::new(members), sources, asked };
        let affinity = pool.affinity.as_ref().map(|affinity| AffinityLayer::new(affinity, &pool.name));
        Self { balancer, looking, client, affinity }
    }

    /// The service that the pool's routes forward to.
    pub(crate) fn service(&self) -> PoolService {
        option_layer(self.affinity.clone()).layer(self.balancer.clone())
    }

    /// Looks for the endpoints of these upstreams, as far as the pool doesn't know them. Takes no longer than 5 s.
    #[expect(dead_code, reason = "a reload is to use it")]
    pub(crate) fn look_up(
        &self,
        upstreams: Vec<config::Upstream>,
    ) -> impl Future<Output = Vec<Listed>> + Send + use<> {
        let looking = self.looking.clone();
        async move { looking.look_up(&upstreams).await }
    }

    /// Makes these the upstreams of the pool. Endpoints that stay are kept, and the others drain.
    #[expect(dead_code, reason = "a reload is to use it")]
    pub(crate) fn list(&self, upstreams: Vec<Listed>) {
        self.looking.members.list(upstreams);
    }

    /// Finds the endpoints that have to be looked up, before the pool gets requests. Takes no longer than 5 s.
    pub(crate) fn find(&self) -> impl Future<Output = ()> + Send + use<> {
        self.looking.clone().begin()
    }

    /// Takes its endpoints from a source of the program's own, in place of the upstreams that it lists. Runs for as long
    /// as the future is polled.
    pub(crate) fn take_from(&self, mut source: Latest) -> impl Future<Output = ()> + Send + use<> {
        let members = Arc::clone(&self.looking.members);
        async move {
            loop {
                let found = source.borrow_and_update().clone();
                if let Some(found) = found {
                    members.found_instead(found);
                }
                if source.changed().await.is_err() {
                    return;
                }
            }
        }
    }

    pub(crate) fn names(&self) -> Names {
        let endpoints = self.balancer.endpoints();
        Names::found_by(move |id| endpoint::name_of(id, &endpoints))
    }

    pub(crate) fn named(&self, pool: &config::Pool) -> NamedPool {
        NamedPool::new(pool, self.balancer.endpoints())
    }

    /// What runs beside the requests as long as the pool is there: lookups of upstreams, probes, dials, and a reminder of
    /// `verify = false`.
    pub(crate) fn background(&self, pool: &config::Pool) -> Background {
        let mut background = Background::default();
        let endpoints = self.balancer.endpoints();
        background.add(self.looking.clone().follow());
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
