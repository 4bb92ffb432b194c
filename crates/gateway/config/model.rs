//! The checked configuration: every value in its final type, every default filled in.

use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroUsize};
use std::time::Duration;

use ipnet::IpNet;
use proxy_service::{HostPolicy, Protocols, Target, Upgrades};

use super::error::Diagnostic;
use super::secret::AdminTokenSpec;

pub use affinity::{Affinity, SameSite};
pub use balancing::{Balancing, HashKey};
pub use capacity::{Capacity, Queue};
pub use connections::Connections;
pub use health::{FailureRate, HealthCheck, Outliers};
pub use pages::Pages;
pub use retries::Retries;
pub use timeouts::{PoolTimeouts, Timeouts};
#[cfg(feature = "tls")]
pub use tls::Tls;

mod affinity;
mod balancing;
mod capacity;
mod connections;
mod health;
mod pages;
mod retries;
mod timeouts;
#[cfg(feature = "tls")]
mod tls;

/// A gateway, completely described. Built by [`Config::load`], [`Config::parse`] or [`Config::default_demo`].
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the gateway listens. Default: `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// Threads that serve connections; 1 to 1024. Default (`auto`): the processors available to the process, its quota
    /// counted, since a worker uses no more than one.
    pub workers: NonZeroUsize,
    /// Peers whose `X-Forwarded-*` is appended to instead of replaced. Default: none.
    pub trusted_proxies: Vec<IpNet>,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// How large things may be.
    pub limits: Limits,
    /// Where the gateway answers itself.
    pub pages: Pages,
    /// The pools, ordered by name; [`Route::pool`] is an index into them.
    pub pools: Vec<Pool>,
    /// The routes, ordered by prefix; at least one, and no two alike.
    pub routes: Vec<Route>,
    /// What is allowed but probably not meant, in the order of the file.
    pub warnings: Vec<Diagnostic>,
}

impl Config {
    /// The pool that a route forwards to; `None` only for a route that isn't of this configuration.
    pub fn pool_of(&self, route: &Route) -> Option<&Pool> {
        self.pools.get(route.pool)
    }

    /// The tokens of all gated routes.
    pub fn administrators(&self) -> Vec<AdminTokenSpec> {
        self.routes.iter().filter_map(|route| route.admin_tokens.as_ref()).flatten().cloned().collect()
    }

    /// The prefixes that need a token, but for `/`: that one guards only what no other route takes, so there is no way
    /// around it.
    pub fn gated_prefixes(&self) -> impl Iterator<Item = &str> {
        let gated = self.routes.iter().filter(|route| route.admin_tokens.is_some() && route.prefix != "/");
        gated.map(|route| route.prefix.as_str())
    }
}

/// How large and how many things may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A request's header section in bytes; 8 KiB (hyper's own least) to 16 MiB. Default: 64 KiB; then 431.
    pub header_section: usize,
    /// Fields in a request's header section; 1 to 10 000. Default: 100; then 431.
    pub header_fields: usize,
    /// The head of an upstream's answer in bytes; 1 KiB to 16 MiB. Default: 64 KiB; then 502.
    pub response_section: u32,
    /// Fields in the head of an upstream's answer; 1 to 10 000. Default: 256; then 502.
    pub response_fields: usize,
    /// A request's URI in bytes; at most 65 534 (what `http::Uri` holds). Default: 8 KiB; then 414.
    pub uri: usize,
    /// Client connections at a time; 1 to 1 000 000. Default: 10 000.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_section: 64 << 10,
            header_fields: 100,
            response_section: 64 << 10,
            response_fields: 256,
            uri: 8 << 10,
            connections: 10_000,
        }
    }
}

/// Upstreams that serve the same thing.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Its name in the file, for logs: ASCII letters, digits, `-` and `_`.
    pub name: String,
    /// Where its requests go: at least one, no two alike.
    pub upstreams: Vec<Upstream>,
    /// Which versions of HTTP they are spoken to in. Default: [`Protocols::Auto`].
    pub protocols: Protocols,
    /// How many further endpoints a request of which not one byte was sent may go to; 0 to 10. Default: 1.
    pub failover: u32,
    /// Which upstream a request goes to. Default: [`Balancing::RoundRobin`].
    pub balancing: Balancing,
    /// Probes. Default: `None`, off.
    pub health: Option<HealthCheck>,
    /// When an upstream that fails is left out; `None`: never. Default: [`Outliers::default`].
    pub outliers: Option<Outliers>,
    /// How long an upstream that comes back takes to its full share, at most; no longer than it was away. `None`: no time.
    /// Default: 30 s.
    pub slow_start: Option<Duration>,
    /// Sending failed requests again. Default: `None`, off.
    pub retries: Option<Retries>,
    /// How much it takes on at a time. Default: `None`, no limit.
    pub capacity: Option<Capacity>,
    /// Its connections to each upstream.
    pub connections: Connections,
    /// How long its requests may take. Default: as in [`Config::timeouts`].
    pub timeouts: PoolTimeouts,
    /// TLS to upstreams that are `https`. Default: `None`, Mozilla's authorities and no certificate of our own.
    #[cfg(feature = "tls")]
    pub tls: Option<Tls>,
    /// Clients that stay with their upstream. Default: `None`, off.
    pub affinity: Option<Affinity>,
}

/// One endpoint of a [`Pool`].
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Scheme, authority and base path.
    pub target: Target,
    /// Its share of the pool's requests relative to the others'; 1 to 1000. Default: 1.
    pub weight: NonZeroU16,
}

/// A path prefix and what happens to the requests below it.
#[derive(Clone, Debug)]
pub struct Route {
    /// `/` for all that no other route takes, or `/…` without a slash at its end and of unreserved characters
    /// only (RFC 3986 §2.3), so that raw and decoded form are the same.
    pub prefix: String,
    /// The index of its pool in [`Config::pools`].
    pub pool: usize,
    /// Who may enter: `None`, everyone; `Some` is never empty. Default: `None`.
    pub admin_tokens: Option<Vec<AdminTokenSpec>>,
    /// The largest request body in bytes, at least 1. Default: `None`, no limit; then 413.
    pub max_body: Option<u64>,
    /// Which `Host` the upstream sees. Default: [`HostPolicy::Target`].
    pub host: HostPolicy,
    /// The protocols that a request may upgrade to, but for versions of HTTP and TLS, which would lead around the gates.
    /// Default: `websocket`.
    pub upgrade: Upgrades,
}
