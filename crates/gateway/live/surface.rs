//! Makes a generation: its routes and pages, and the outer layers around them.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use arc_swap::ArcSwap;
use axum::Router;
use proxy_service::{TrustedPeers, Tunnels};

use super::departed::Stays;
use super::generation::Generation;
use super::measured::MeasuredStatus;
use super::mounts::Mounts;
use super::scene::{Scene, Scenes};
use super::status::{Status, Statuses};
use super::terms::Terms;
use crate::config::{self, Config};
use crate::edge::{Edge, Stack};
use crate::gates::Gates;
use crate::index::{self, Shown};
use crate::observe::log::Intake;
use crate::observe::metrics::Metrics;
use crate::observe::{AccessLog, Audience, Observed, Tracer};
use crate::pools::{MeasuredPools, NamedPool, Paces, Pool, Roster};
use crate::route::limits::{self, MeasuredLimits};
use crate::route::{self, Backing, Purpose};
use crate::serve::{ListenerSet, Shutdown};
use crate::table::{self, Table};
#[cfg(feature = "acme")]
use crate::tls::acme;
#[cfg(feature = "tls")]
use crate::tls::{MeasuredCertificates, Terminators};

/// What a generation is made from.
pub(super) struct Parts<'a> {
    pub(super) config: &'a Config,
    /// The pools of the configuration, in its order.
    pub(super) pools: Vec<(&'a config::Pool, &'a Pool)>,
    pub(super) gates: &'a Gates,
    pub(super) stays: &'a Stays,
    pub(super) limits: &'a limits::Kept,
    pub(super) mounts: &'a Mounts,
    pub(super) outside: &'a Outside,
    pub(super) purpose: Purpose,
    /// Where lines for requests are put that don't go through tracing.
    pub(super) queue: Option<Intake>,
}

/// What is the same for all generations.
#[derive(Clone, Debug)]
pub(super) struct Outside {
    pub(super) statuses: Statuses,
    pub(super) scenes: Scenes,
    /// When the gateway was made.
    pub(super) began: SystemTime,
    /// The listeners, once they are open. Not before, and not if their sockets were opened elsewhere.
    pub(super) listeners: Arc<OnceLock<ListenerSet>>,
    pub(super) terms: Terms,
    /// The pools that the log is told of.
    pub(super) roster: Roster,
    /// How many requests a second their endpoints get.
    pub(super) paces: Paces,
    pub(super) tunnels: Tunnels,
    pub(super) shutdown: Shutdown,
    pub(super) observed: Observed,
    /// The limits that are in force.
    pub(super) limits: MeasuredLimits,
    pub(super) tracer: Option<Tracer>,
    #[cfg(feature = "tls")]
    pub(super) terminators: Terminators,
}

/// A generation before the outer layers are put around its routes. Unlike with them, its type has a name.
#[derive(Debug)]
pub(super) struct Surface {
    table: Table,
    edge: Edge,
    trusted: TrustedPeers,
}

impl Outside {
    pub(super) fn of(config: &Arc<Config>, gates: &Gates, (tunnels, shutdown): (Tunnels, Shutdown)) -> Self {
        let scene = Scene { config: Arc::clone(config), gate: gates.operator().cloned(), is_serving: false };
        let statuses: Statuses = Arc::new(ArcSwap::from_pointee(Status::first(config.digest())));
        let roster = Roster::default();
        let (status, pools) = (MeasuredStatus(Arc::clone(&statuses)), MeasuredPools::of(Arc::clone(&roster)));
        #[cfg(feature = "tls")]
        let terminators = Terminators::of(&config.listen);
        let limits = MeasuredLimits::default();
        let of_limits = limits.clone();
        let above = |own: Metrics| {
            let all = own.with(status).with(pools).with(of_limits);
            #[cfg(feature = "tls")]
            let all = all.with(MeasuredCertificates::of(terminators.clone()));
            all
        };
        let observed = Observed::new(config.workers.get(), above);
        Self {
            statuses,
            scenes: Arc::new(ArcSwap::from_pointee(scene)),
            began: SystemTime::now(),
            listeners: Arc::default(),
            terms: Terms::of(config),
            roster,
            paces: Paces::default(),
            tunnels,
            shutdown,
            observed,
            limits,
            tracer: config.traces.as_ref().map(Tracer::new),
            #[cfg(feature = "tls")]
            terminators,
        }
    }
}

impl Parts<'_> {
    pub(super) fn surface(&self) -> Surface {
        let (table, edge) = (self.table(), Edge::of(self.config, self.audience()));
        #[cfg(feature = "acme")]
        let (table, edge) = self.with_challenges(table, edge);
        let table = table.in_time(self.config.timeouts.request).build();
        Surface { table, edge, trusted: trusted_peers(self.config) }
    }

    /// The pools, for onlookers and the log.
    pub(super) fn named(&self) -> Vec<NamedPool> {
        self.pools.iter().map(|(config, pool)| pool.named(config)).collect()
    }

    /// Who hears of the requests.
    fn audience(&self) -> Audience {
        let log = AccessLog::of(&self.config.log, self.queue.clone());
        Audience::new(log, self.outside.observed.clone()).with(self.outside.tracer.clone())
    }

    fn table(&self) -> table::Builder {
        let Self { config, pools, gates, stays, limits, mounts, outside, purpose, .. } = self;
        let router = Router::new().fallback(route::unrouted);
        let statuses = Arc::clone(&outside.statuses);
        let shown = Shown {
            status: Arc::new(move || statuses.load().to_string()),
            shutdown: outside.shutdown.clone(),
        };
        let router = index::mount(router, config, shown);
        let mut table = table::Builder::new(router, index::paths(config));
        let mut meters = outside.observed.routes_named(config.routes.iter().map(|route| route.name.as_str()));
        for route in &config.routes {
            let Some(stay) = stays.get(config, route) else { continue };
            let Some(meter) = meters.remove(route.name.as_str()) else { continue };
            let (deadline, forwarded) = (config.request_timeout_of(route), config.forwarded);
            let (shutdown, purpose) = ((&outside.shutdown, config.timeouts.shutdown), *purpose);
            let errors = config.errors.as_ref();
            let backing =
                Backing { pools, gates, stay, meter, errors, forwarded, limits, deadline, shutdown, purpose };
            route::mount(&mut table, route, &backing);
        }
        mounts.put_into(&mut table);
        table
    }

    /// Adds the pages that prove names to authorities, unless a route or a service of the program's own is there. Listeners
    /// that redirect show them as well.
    #[cfg(feature = "acme")]
    fn with_challenges(&self, mut table: table::Builder, edge: Edge) -> (table::Builder, Edge) {
        let is_routed = self.config.routes.iter().any(|route| route.matching.is_literally(acme::PREFIX));
        match acme::pages(&self.config.listen) {
            Some(pages) if !is_routed && !self.mounts.has(acme::PREFIX) => {
                table.nest_page(acme::PREFIX, pages);
                (table, edge.redirecting_all_but(acme::PREFIX))
            }
            _ => (table, edge),
        }
    }
}

impl Surface {
    /// Who takes which request.
    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    pub(super) fn into_generation(self) -> Generation<impl Stack> {
        Generation { stack: self.edge.around(self.table), trusted: self.trusted }
    }
}

fn trusted_peers(config: &Config) -> TrustedPeers {
    if config.trusted_proxies.is_empty() {
        return TrustedPeers::default();
    }
    let networks: Arc<[_]> = config.trusted_proxies.clone().into();
    TrustedPeers::new(move |ip| networks.iter().any(|network| network.contains(&ip)))
}
