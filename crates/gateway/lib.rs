#![doc = include_str!("../../README.md")]
//!
//! # As a library
//!
//! The gateway: `proxy-service`, `balance` and `admin-auth`, composed on axum by a configuration.
//!
//! [`app`] makes a [`Gateway`] of a [`Config`]; [`Gateway::serve`] serves it on a listener until it is told to stop, and
//! [`Gateway::serve_on_workers`] on several threads. The binary does no more than that, and neither do the tests.

mod access_log;
mod admission;
mod asterisk;
pub mod backend;
mod background;
mod below;
mod bodiless;
pub mod cli;
pub mod config;
mod cookies;
mod diagnosed;
mod edge;
mod index;
mod peer;
mod pick;
mod pools;
mod request_id;
mod routes;
pub mod serve;
pub mod telemetry;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::IntoResponse;
use proxy_service::{ProxyLayer, Target, TrustedPeers, Tunnels};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower::Service;

use crate::background::Background;
use crate::config::Config;
use crate::edge::Edge;
use crate::pools::{NamedPool, Pool};
use crate::routes::{Administrators, Backing};
use crate::serve::{Limits, Listeners, Report, Room, Shutdown, Workers, WorkersError};

/// How long tunnels have to end once they are closed.
const TUNNEL_GRACE: Duration = Duration::from_secs(1);

/// A gateway, composed and not yet serving.
#[derive(Debug)]
pub struct Gateway {
    router: Router,
    edge: Edge,
    limits: Limits,
    trusted: TrustedPeers,
    tunnels: Tunnels,
    background: Background,
    shutdown: Shutdown,
}

/// Composes the gateway that a configuration describes; it stops when `shutdown` says so.
///
/// # Errors
/// [`admin_auth::InvalidToken`] where an admin token isn't one; a [`Config`] that was read from a file has none such.
pub fn app(config: Config, shutdown: Shutdown) -> Result<Gateway, admin_auth::InvalidToken> {
    let trusted = trusted_peers(&config);
    let tunnels = Tunnels::default();
    let proxy = |target: Target| {
        ProxyLayer::new(target).trusted_peers(trusted.clone()).tunnels(tunnels.clone()).pass_on_begun_bodies()
    };
    let pools: Vec<Pool> = config.pools.iter().map(|pool| Pool::new(pool, &config.limits, proxy)).collect();
    let configured = || config.pools.iter().zip(&pools);
    let named: Vec<NamedPool> = configured().map(|(config, pool)| pool.named(config)).collect();
    let mut background = Background::default();
    for (check, pool) in configured().filter_map(|(config, pool)| config.health.as_ref().zip(Some(pool))) {
        background.add(pool.probe(check));
    }
    for (_, pool) in configured().filter(|(config, _)| config.outliers.is_some()) {
        background.add(pool.dial());
    }
    background.add(pools::watch(named.clone()));
    let unverified = pools::unverified(&config);
    if !unverified.is_empty() {
        background.add(pools::remind(unverified));
    }

    let mut router = Router::new().fallback(routes::unrouted);
    router = index::mount(router, &config, named, shutdown.clone());
    let administrators = Administrators::of(&config)?;
    for route in &config.routes {
        if let Some(pool) = pools.get(route.pool) {
            router = routes::mount(router, route, Backing { pool, administrators: administrators.as_ref() })?;
        }
    }
    let (edge, limits) = (Edge::of(&config), limits(&config));
    Ok(Gateway { router, edge, limits, trusted, tunnels, background, shutdown })
}

impl Gateway {
    /// Adds a service of the embedder's own below a prefix, behind the same edge as the configuration's routes: request
    /// id, access log, panics, timeout. It sees paths without the prefix, as with [`Router::nest_service`].
    ///
    /// # Panics
    /// If the prefix is `/`, or overlaps a route or page that is already there.
    #[must_use]
    pub fn nest_service<S>(mut self, prefix: &str, service: S) -> Self
    where
        S: Service<Request<Body>, Response: IntoResponse, Error = Infallible, Future: Send>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        self.router = self.router.nest_service(prefix, service);
        self
    }

    /// Serves until the shutdown that [`app`] was given is over: first the connections, then the tunnels.
    ///
    /// Everything runs in the runtime that this is called in, of whichever kind that is.
    pub async fn serve(self, listener: TcpListener) -> Report {
        let Running { serve, tunnels, _background } = self.start();
        let report = serve(listener).await;
        end(tunnels).await;
        report
    }

    /// As [`serve`](Self::serve), on as many threads as there are listeners: what [`Config::workers`] is for.
    ///
    /// The first worker is the runtime that this is called in; each of the others is a thread with a single-threaded
    /// runtime. A connection stays with one worker. Pools, health, limits and the shutdown are those of the whole
    /// gateway, and so is the report; what runs beside the requests, such as probes, runs once, here. When this is over,
    /// or dropped, the other workers' threads have ended, with all that still ran there.
    ///
    /// ```no_run
    /// use gateway::config::Config;
    /// use gateway::serve::{Listeners, Shutdown, signals};
    ///
    /// #[tokio::main(flavor = "current_thread")]
    /// async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let config = Config::load("gateway.toml")?;
    ///     let listeners = Listeners::bind(config.listen, config.workers)?;
    ///     let shutdown = Shutdown::new();
    ///     signals(shutdown.clone())?;
    ///     gateway::app(config, shutdown)?.serve_on_workers(listeners).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`WorkersError`]: a worker can't be started, or it panicked outside of any connection, and the others have shut
    /// down for that.
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O and time enabled.
    pub async fn serve_on_workers(self, listeners: Listeners) -> Result<Report, WorkersError> {
        let mut workers = Workers::start(listeners).map_err(WorkersError::Start)?;
        let shutdown = self.shutdown.clone();
        let Running { serve, tunnels, _background } = self.start();
        let report = workers.serve(serve, &shutdown).await;
        end(tunnels).await;
        report
    }

    fn start(self) -> Running {
        let Self { router, edge, limits, trusted, tunnels, background, shutdown } = self;
        let stack = edge.around(router);
        let room = Room::for_connections(limits.connections);
        let serve = move |listener| -> Pin<Box<dyn Future<Output = Report> + Send>> {
            let (stack, trusted) = (stack.clone(), trusted.clone());
            let make_service = move |addr| peer::told(stack.clone(), addr, trusted.clone());
            Box::pin(serve::serve_within(room.clone(), listener, make_service, limits, shutdown.clone()))
        };
        Running { serve: Box::new(serve), tunnels, _background: background.spawn() }
    }
}

/// A gateway that is ready to be served.
struct Running {
    serve: Box<Serve>,
    tunnels: Tunnels,
    /// Ends with this.
    _background: JoinSet<()>,
}

/// Serves on one listener; all that do share everything else.
type Serve = dyn Fn(TcpListener) -> Pin<Box<dyn Future<Output = Report> + Send>> + Send + Sync;

async fn end(tunnels: Tunnels) {
    tunnels.close();
    let _in_time = tokio::time::timeout(TUNNEL_GRACE, tunnels.drained()).await;
}

fn trusted_peers(config: &Config) -> TrustedPeers {
    if config.trusted_proxies.is_empty() {
        return TrustedPeers::default();
    }
    let networks: Arc<[_]> = config.trusted_proxies.clone().into();
    TrustedPeers::new(move |ip| networks.iter().any(|network| network.contains(&ip)))
}

fn limits(config: &Config) -> Limits {
    let mut limits = Limits::default();
    limits.request_head = config.timeouts.request_head;
    limits.keep_alive_idle = config.timeouts.keep_alive;
    limits.write_stall = config.timeouts.body_idle;
    limits.shutdown = config.timeouts.shutdown;
    limits.header_section_bytes = config.limits.header_section;
    limits.header_fields = config.limits.header_fields;
    limits.uri_bytes = config.limits.uri;
    limits.connections = config.limits.connections;
    limits.within_open_file_limit()
}
