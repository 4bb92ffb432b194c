//! The checked configuration: every value in its final type, every default filled in.

use std::num::NonZeroUsize;
use std::time::Duration;

use ipnet::IpNet;
use proxy_service::{ForwardedHeaders, HeaderCase, Protocols, ProxyHeader};

use super::error::Diagnostic;
use super::origin::{Digest, Origin};
use super::secret::AdminTokenSpec;

#[cfg(feature = "acme")]
pub use acme::{Acme, Challenge};
pub use address::{Address, InvalidAddress};
pub use admin::{Admin, ReadyPools};
pub use affinity::{Affinity, SameSite, Secure};
pub use balancing::{Balancing, HashKey};
pub use capacity::{Capacity, Queue};
pub use connections::Connections;
pub use health::{FailureRate, HealthCheck, Outliers};
pub use hedge::{Hedge, HedgeAfter};
pub use listen::{Listen, Redirect};
#[cfg(feature = "tls")]
pub use listen_tls::{
    ClientAuth, ClientAuthNeed, Hsts, ListenTls, ServerCertificate, TlsVersion, UnknownNames,
};
pub use log::{
    AccessFormat, AccessLog, Comparison, Condition, Destination, Detail, Log, LogField, LogFormat,
    NumberField, Part, Share, StageField, Template, TextField, TextMatch,
};
pub use pages::Pages;
#[cfg(any(feature = "redis", feature = "tls"))]
pub(super) use redis::without_tls;
pub use redis::{OnFailure, Redis};
pub use retries::Retries;
pub use route::{
    Action, AllowedOrigin, Answers, Coding, Compression, Content, Cors, ErrorPage, ErrorStatuses, Errors,
    Files, Listed, MediaRange, Respond, RouteRedirect, SecurityHeaders, Symlinks,
};
pub use route::{BasicAuth, ForwardAuth, InvalidServiceUrl, InvalidUsers, ServiceUrl, Users};
pub use route::{
    ClientScheme, HostPattern, InvalidHost, InvalidPath, InvalidPattern, PathPattern, Pattern, ValueTest,
};
pub use route::{Concurrency, RateKey, RateLimit, RouteTimeouts};
pub use route::{Entry, Headers, Matching, Rewrite, Route, RouteLimits, Satisfy};
pub use route::{
    FieldChanges, PathRewrite, QueryRewrite, RoutePart, RouteTemplate, RouteValue, Strip, TemplateError, When,
};
#[cfg(feature = "jwt")]
pub use route::{InvalidKeys, Jwt, JwtAlgorithm, JwtKeys, KeySet, RequiredClaim};
pub(crate) use route::{LONGEST_HOST, MOST_CAPTURES, PathEnd, PathSegment};
pub use route::{Mirror, OtherPools, PoolShare, Split, SplitBy};
pub(crate) use route::{is_claim, is_owned, owner};
pub use timeouts::{PoolTimeouts, Timeouts};
#[cfg(feature = "tls")]
pub use tls::Tls;
pub use traces::Traces;
pub use upstreams::{Dns, Location, Upstream};

#[cfg(feature = "acme")]
mod acme;
mod address;
mod admin;
mod affinity;
mod balancing;
mod capacity;
mod connections;
mod health;
mod hedge;
mod listen;
#[cfg(feature = "tls")]
mod listen_tls;
mod log;
mod pages;
mod redis;
mod retries;
mod route;
mod timeouts;
#[cfg(feature = "tls")]
mod tls;
mod traces;
mod upstreams;

/// The checked configuration of a gateway. [`Config::load`], [`Config::parse`] and [`Config::default_demo`] make one.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the gateway listens; at least one, and no two that exclude each other. Default: `127.0.0.1:8080` alone.
    pub listen: Vec<Listen>,
    /// How many threads serve connections; 1 to 1024. Default (`auto`): one for each processor that the process may
    /// use, within its CPU quota.
    pub workers: NonZeroUsize,
    /// The networks of proxies in front of the gateway. `X-Forwarded-*` from such a peer is kept and appended to; from
    /// any other peer it is replaced. Default: none.
    pub trusted_proxies: Vec<IpNet>,
    /// In which headers upstreams are told who the client is. Default: [`ForwardedHeaders::XForwarded`].
    pub forwarded: ForwardedHeaders,
    /// The case in which field names are written in HTTP/1 answers. Default: [`HeaderCase::Lower`].
    pub header_case: HeaderCase,
    /// Time limits.
    pub timeouts: Timeouts,
    /// Limits of size and number.
    pub limits: Limits,
    /// How upstreams' names are looked up.
    pub dns: Dns,
    /// The log, and its lines for requests.
    pub log: Log,
    /// Traces. Default: `None`; then `traceparent` is a header like any other.
    pub traces: Option<Traces>,
    /// The paths of the gateway's own pages.
    pub pages: Pages,
    /// What clients read where something failed, unless their route has [`errors`](Answers::errors) of its own. Default:
    /// `None`, one line of text.
    pub errors: Option<Errors>,
    /// The operator's listener. Default: `None`, there is none.
    pub admin: Option<Admin>,
    /// Where several gateways count together. Default: `None`, each counts alone.
    pub redis: Option<Redis>,
    /// The pools, ordered by name; an [`Action::Pool`] is an index into them.
    pub pools: Vec<Pool>,
    /// The routes, no two of the same name: those of the short form ordered by prefix, then the others in the order of
    /// the file.
    pub routes: Vec<Route>,
    /// Warnings about settings that are allowed but probably not meant, in the order of the file.
    pub warnings: Vec<Diagnostic>,
    /// The file that it was read from. A program that changes a value afterwards may make it `None`.
    pub origin: Option<Origin>,
}

impl Config {
    /// The pool that a route forwards to, the first of several. `None` if it forwards to none.
    pub fn pool_of(&self, route: &Route) -> Option<&Pool> {
        self.pools.get(route.action.pools().next()?)
    }

    /// The pools that answer a route's requests, and the one for when they have nobody.
    pub(crate) fn answering_pools(&self, route: &Route) -> (Vec<&Pool>, Option<&Pool>) {
        let fallback = route.others.fallback.and_then(|index| self.pools.get(index));
        (route.action.pools().filter_map(|index| self.pools.get(index)).collect(), fallback)
    }

    /// All pools that a route may send requests to.
    pub fn pools_of(&self, route: &Route) -> impl Iterator<Item = &Pool> {
        route.pools().filter_map(|index| self.pools.get(index))
    }

    /// How long a request of this route may take. `None` if it may take for ever.
    pub(crate) fn request_timeout_of(&self, route: &Route) -> Option<Duration> {
        route.limits.timeouts.request.or(self.timeouts.request).filter(|time| *time != Duration::MAX)
    }

    /// The digest of the file that it was read from.
    pub fn digest(&self) -> Option<Digest> {
        self.origin.as_ref().map(Origin::digest)
    }

    /// The tokens of all gated routes.
    pub fn administrators(&self) -> Vec<AdminTokenSpec> {
        self.routes.iter().filter_map(|route| route.entry.admin_tokens.as_ref()).flatten().cloned().collect()
    }
}

/// Limits of size and number, for the whole gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The size of a request's header section in bytes; 8 KiB to 16 MiB. Default: 64 KiB. A larger one is
    /// answered with 431.
    pub header_section: usize,
    /// The number of fields in a request's header section; 1 to 10 000. Default: 100. More are answered with 431.
    pub header_fields: usize,
    /// The size of the head of an upstream's response in bytes; 1 KiB to 16 MiB. Default: 64 KiB. If it is larger, the
    /// client gets 502.
    pub response_section: u32,
    /// The number of fields in the head of an upstream's response; 1 to 10 000. Default: 256. If there are more, the
    /// client gets 502.
    pub response_fields: usize,
    /// The length of a request's URI in bytes; 1 to 65 534 (the most that `http::Uri` can hold). Default: 8 KiB. A
    /// longer one is answered with 414.
    pub uri: usize,
    /// The number of client connections at a time; 1 to 1 000 000. Default: 10 000. More wait until they are accepted.
    pub connections: usize,
    /// The number of TLS handshakes at a time; 1 to 1 000 000. Default: 2000. More wait, within
    /// [`Timeouts::request_head`].
    pub handshakes: usize,
    /// The memory for all requests' bodies that are read before an upstream is asked, in bytes; 0 to 1 TiB. Default:
    /// 64 MiB. What finds no room isn't read first.
    pub buffers: usize,
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
            handshakes: 2000,
            buffers: 64 << 20,
        }
    }
}

/// A pool: upstreams that serve the same thing, and how requests are spread over them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// The pool's name in the file and in logs: ASCII letters, digits, `-` and `_`.
    pub name: String,
    /// The upstreams; at least one, and no two alike.
    pub upstreams: Vec<Upstream>,
    /// How many endpoints of a tier have to be well, in percent; 1 to 100. While fewer are, the next tier gets requests
    /// too. Default: 50.
    pub tier_share: u8,
    /// The versions of HTTP that are used with the upstreams. Default: [`Protocols::Auto`].
    pub protocols: Protocols,
    /// The case in which field names are written in HTTP/1 requests. Default: [`HeaderCase::Lower`], which it always is
    /// with [`Protocols::Http2`].
    pub header_case: HeaderCase,
    /// The PROXY protocol's header with which each connection to an upstream begins. Each client connection then has
    /// upstream connections of its own, in HTTP/1.1. Default: `None`, no header; never with [`Protocols::Http2`].
    pub send_proxy: Option<ProxyHeader>,
    /// How many other endpoints are tried for a request of which not one byte was sent; 0 to 10. Default: 1.
    pub failover: u32,
    /// How the upstream for a request is picked. Default: [`Balancing::RoundRobin`].
    pub balancing: Balancing,
    /// Health checks by probes. Default: `None`, no probes.
    pub health: Option<HealthCheck>,
    /// When an upstream that fails requests is ejected; `None`: never. Default: [`Outliers::default`].
    pub outliers: Option<Outliers>,
    /// Slow start: after how long an upstream that comes back gets its full share of the requests again. It is never
    /// longer than the upstream was away. `None`: at once. Default: 30 s.
    pub slow_start: Option<Duration>,
    /// Whether and when failed requests are sent again. Default: `None`, never.
    pub retries: Option<Retries>,
    /// When a request goes to a second upstream while the first one doesn't answer. Default: `None`, never.
    pub hedge: Option<Hedge>,
    /// The limit for requests in flight. Default: `None`, no limit.
    pub capacity: Option<Capacity>,
    /// The connections to each upstream.
    pub connections: Connections,
    /// The pool's time limits. Default: those of [`Config::timeouts`].
    pub timeouts: PoolTimeouts,
    /// TLS settings for `https` upstreams. Default: `None`; then Mozilla's authorities are trusted, and the gateway
    /// shows no certificate of its own.
    #[cfg(feature = "tls")]
    pub tls: Option<Tls>,
    /// The cookie by which clients stay with their upstream. Default: `None`, no cookie.
    pub affinity: Option<Affinity>,
}
