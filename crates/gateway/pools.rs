//! A pool: its client, an endpoint for each upstream, the balancer over them, and the affinity cookie around it.
//!
//! Programs that put [`balance`] around [`proxy_service`] themselves find here what a balancer has to know of HTTP: which
//! results are an upstream's failures, what may be sent again, and when a request is over.
//!
//! ```
//! use axum::Router;
//! use balance::{Hedge, OnBodyEnd, Outliers, Retry, RoundRobinLayer, Settings};
//! use gateway::pools::{Again, Hedged, Judge, UntilTunnelEnds};
//! use proxy_service::{CatchErrorLayer, ProxyService, Target, client};
//! use std::time::Duration;
//! use tower::ServiceBuilder;
//!
//! let targets: [Target; 2] = ["http://127.0.0.1:9001".parse()?, "http://127.0.0.1:9002".parse()?];
//! let client = client();
//! let balanced = RoundRobinLayer::new(targets)
//!     .settings(Settings::new().outliers(Outliers::new()))
//!     .failover(1)
//!     .retry(Retry::new(Again::default()))
//!     .hedge(Hedge::after(Duration::from_millis(200), Hedged::default()))
//!     .completion(OnBodyEnd::judged_by(Judge).upgraded(UntilTunnelEnds));
//! let api = ServiceBuilder::new()
//!     .layer(CatchErrorLayer::new())
//!     .layer(balanced)
//!     .service(move |target| ProxyService::new(target, client.clone()));
//! let app: Router = Router::new().nest_service("/api", api);
//! # Ok::<(), proxy_service::InvalidTarget>(())
//! ```

mod affinity;
mod again;
mod balancer;
mod choice;
mod client;
mod dial;
mod differences;
mod endpoint;
mod explained;
mod follow;
mod hedged;
mod judge;
mod listed;
mod measured;
mod members;
mod named;
mod pace;
mod paused;
mod probe;
mod settings;
mod state;
mod tunnelled;
mod unverified;
mod watch;

use std::sync::Arc;

use axum::body::Body;
use balance::{Balance, Entry};
use proxy_service::{Client, ClientBuilder, ProxyLayer, Target, Tunnels};
use tower::Layer;
use tower::util::{Either, option_layer};

pub(crate) use self::affinity::set_cookie_line;
use self::affinity::{Affine, AffinityLayer, StickyService};
pub use self::again::Again;
use self::balancer::{Balancer, Core, GivingBackBalancer, balancer};
use self::choice::Choice;
pub(crate) use self::differences::{Differences, Wanted};
pub(crate) use self::endpoint::Endpoint;
pub(crate) use self::explained::explained;
use self::follow::Looking;
pub use self::hedged::Hedged;
pub use self::judge::Judge;
pub(crate) use self::listed::Listed;
pub(crate) use self::measured::MeasuredPools;
use self::members::Members;
pub(crate) use self::named::{NamedPool, takes_requests};
pub(crate) use self::pace::{Paces, measure};
pub(crate) use self::state::state_name;
pub use self::tunnelled::UntilTunnelEnds;
pub(crate) use self::watch::{Roster, watch};
use crate::background::Background;
use crate::config;
use crate::discovery::{Asked, Latest, Sources};
use crate::pick::Names;

/// A pool that is ready to serve. All routes to it share this.
#[derive(Debug)]
pub(crate) struct Pool {
    core: Core,
    balancer: Balancer,
    looking: Looking,
    client: Client<Body>,
    affinity: Option<AffinityLayer>,
}

const NO_ENDPOINTS: [Entry<Endpoint>; 0] = [];

/// The balancer, inside the affinity cookie's service if the pool has one.
pub(crate) type PoolService = Either<StickyService<Balancer>, Balancer>;

/// The same, with an error that has the request in it if no endpoint took that.
pub(crate) type GivingBackService = Either<StickyService<GivingBackBalancer>, GivingBackBalancer>;

impl Pool {
    /// Makes the pool. It has the endpoints that the configuration names. Those that have to be looked up come with
    /// [`find`](Self::find). `proxy` makes the proxy layer for an upstream, with the settings that all pools have in
    /// common.
    pub(crate) fn new(
        wanted: Wanted<'_>,
        sources: Sources,
        proxy: impl Fn(Target) -> ProxyLayer + Send + Sync + 'static,
    ) -> Self {
        Self::with(ClientBuilder::build, wanted, sources, proxy)
    }

    /// The same with a client that `finish` makes.
    pub(crate) fn with(
        finish: impl FnOnce(ClientBuilder) -> Client<Body>,
        wanted: Wanted<'_>,
        sources: Sources,
        proxy: impl Fn(Target) -> ProxyLayer + Send + Sync + 'static,
    ) -> Self {
        let Wanted { pool, limits } = wanted;
        let asked = Asked::default();
        let client = finish(client::builder(pool, limits, asked.clone()));
        let (core, members) = endpoints(pool, &client, proxy);
        let looking = Looking { members, sources, asked };
        let affinity = pool.affinity.as_ref().map(|affinity| AffinityLayer::new(affinity, &pool.name));
        Self { balancer: balancer(&core, pool), core, looking, client, affinity }
    }

    /// The pool that takes this one's place under another configuration. They share what doesn't differ. If that is the
    /// endpoints, the upstreams are still those of this one: see [`look_up`](Self::look_up) and [`list`](Self::list).
    pub(crate) fn changed(
        &self,
        differences: Differences,
        wanted: Wanted<'_>,
        proxy: impl Fn(Target) -> ProxyLayer + Send + Sync + 'static,
    ) -> Self {
        let (Wanted { pool, limits }, asked) = (wanted, self.looking.asked.clone());
        let client = match differences.client {
            true => client::of(pool, limits, asked.clone()),
            false => self.client.clone(),
        };
        let (core, members) = match differences.endpoints {
            true => endpoints(pool, &client, proxy),
            false => (self.core.clone(), Arc::clone(&self.looking.members)),
        };
        let looking = Looking { members, sources: self.looking.sources.clone(), asked };
        let affinity = pool.affinity.as_ref().map(|wanted| match &self.affinity {
            Some(layer) => layer.changed(wanted, &pool.name),
            None => AffinityLayer::new(wanted, &pool.name),
        });
        Self { balancer: balancer(&core, pool), core, looking, client, affinity }
    }

    /// Pauses what is paused in `before`, whose place this pool takes with other endpoints.
    pub(crate) fn pause_as_in(&self, before: &Self) {
        paused::pause_as_in(&before.core.endpoints(), &self.core.endpoints());
    }

    /// The tunnels of each of its endpoints.
    pub(crate) fn tunnels(&self) -> Vec<(Target, Tunnels)> {
        let endpoints = self.core.endpoints().snapshot();
        let of = |endpoint: &Endpoint| (endpoint.target().clone(), endpoint.tunnels().clone());
        endpoints.iter().map(|endpoint| of(endpoint.service())).collect()
    }

    /// The service that the pool's routes forward to.
    pub(crate) fn service(&self) -> PoolService {
        option_layer(self.affinity.clone()).layer(self.balancer.clone())
    }

    /// The service for routes that have another pool for what this one doesn't take.
    pub(crate) fn giving_back(&self) -> GivingBackService {
        option_layer(self.affinity.clone()).layer(self.balancer.clone().giving_back())
    }

    /// Looks for the endpoints of these upstreams, as far as the pool doesn't know them. Takes no longer than 5 s.
    pub(crate) fn look_up(
        &self,
        upstreams: Vec<config::Upstream>,
    ) -> impl Future<Output = Vec<Listed>> + Send + use<> {
        let looking = self.looking.clone();
        async move { looking.look_up(&upstreams).await }
    }

    /// Makes these the upstreams of the pool. Endpoints that stay are kept, and the others drain.
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

    /// Takes what a source of the program's own has found until now, if that is anything.
    pub(crate) fn take_now(&self, source: &Latest) {
        let found = source.borrow().clone();
        if let Some(found) = found {
            self.looking.members.found_instead(found);
        }
    }

    #[cfg(test)]
    pub(crate) fn endpoints(&self) -> balance::Endpoints<Endpoint> {
        self.core.endpoints()
    }

    pub(crate) fn names(&self) -> Names {
        let endpoints = self.balancer.endpoints();
        Names::found_by(move |id| endpoint::name_of(id, &endpoints))
    }

    pub(crate) fn named(&self, pool: &config::Pool) -> NamedPool {
        NamedPool::new(pool, self.balancer.clone())
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

/// A balancer over the pool's upstreams, which are reached by `client`.
fn endpoints(
    pool: &config::Pool,
    client: &Client<Body>,
    proxy: impl Fn(Target) -> ProxyLayer + Send + Sync + 'static,
) -> (Core, Arc<Members>) {
    let policy = Affine::or(Choice::of(&pool.balancing));
    let core = Balance::with(settings::of(pool), policy, NO_ENDPOINTS);
    let (client, timeouts) = (client.clone(), settings::timeouts(&pool.timeouts));
    let members = Members::new(&core.endpoints(), move |target| {
        Endpoint::new(proxy(target).timeouts(timeouts).layer(client.clone()))
    });
    members.list(pool.upstreams.iter().map(Listed::of).collect());
    (core, Arc::new(members))
}
