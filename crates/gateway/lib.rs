#![doc = include_str!("../../README.md")]
//!
//! # As a library
//!
//! The gateway: `proxy-service`, `balance` and `admin-auth`, composed on axum by a configuration.
//!
//! [`app`] makes a [`Gateway`] of a [`Config`]; [`Gateway::serve`] serves it on a listener until it is told to stop. The
//! binary does no more than that, and neither do the tests.

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
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::IntoResponse;
use proxy_service::{ProxyLayer, Target, Timeouts, TrustedPeers, Tunnels};
use tokio::net::TcpListener;
use tower::Service;

use crate::background::Background;
use crate::config::Config;
use crate::pools::{NamedPool, Pool};
use crate::routes::Backing;
use crate::serve::{Limits, Report, Shutdown};

/// How long tunnels have to end once they are closed.
const TUNNEL_GRACE: Duration = Duration::from_secs(1);

/// A gateway, composed and not yet serving.
#[derive(Debug)]
pub struct Gateway {
    router: Router,
    config: Config,
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
    let timeouts = Timeouts {
        response_head: config.timeouts.response_head,
        body_idle: config.timeouts.body_idle,
        tunnel_idle: config.timeouts.tunnel_idle,
    };
    let proxy = |target: Target| {
        ProxyLayer::new(target).timeouts(timeouts).trusted_peers(trusted.clone()).tunnels(tunnels.clone())
    };
    let connect = config.timeouts.connect;
    let pools: Vec<Pool> = config.pools.iter().map(|pool| Pool::new(pool, connect, proxy)).collect();
    let configured = || config.pools.iter().zip(&pools);
    let named: Vec<NamedPool> = configured().map(|(config, pool)| pool.named(config)).collect();
    let mut background = Background::default();
    for (check, pool) in configured().filter_map(|(config, pool)| config.health.as_ref().zip(Some(pool))) {
        background.add(pool.probe(check));
    }
    background.add(pools::watch(named.clone()));

    let mut router = Router::new().fallback(routes::unrouted);
    router = index::mount(router, &config, named, shutdown.clone());
    let administrators = config.administrators();
    for route in &config.routes {
        if let Some(pool) = pools.get(route.pool) {
            router = routes::mount(router, route, Backing { pool, administrators: &administrators })?;
        }
    }
    Ok(Gateway { router, config, trusted, tunnels, background, shutdown })
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
    pub async fn serve(self, listener: TcpListener) -> Report {
        let Self { router, config, trusted, tunnels, background, shutdown } = self;
        let _ends_with_this = background.spawn();
        let stack = edge::stack(router, &config);
        let make_service = move |addr| peer::told(stack.clone(), addr, trusted.clone());
        let report = serve::serve(listener, make_service, limits(&config), shutdown).await;
        tunnels.close();
        let _in_time = tokio::time::timeout(TUNNEL_GRACE, tunnels.drained()).await;
        report
    }
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
