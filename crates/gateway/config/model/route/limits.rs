//! A route's limits: bodies, rates, requests in flight, time.

use std::num::NonZeroU32;
use std::time::Duration;

use http::HeaderName;

use crate::config::model::Queue;

/// The limits of a route. By default there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteLimits {
    /// The largest request body in bytes, at least 1. A larger one is answered with 413. Default: `None`, no limit.
    pub max_body: Option<u64>,
    /// How often requests may come, one limit after the other. What is beyond one of them is answered with 429. Default:
    /// empty, no limit.
    pub rates: Vec<RateLimit>,
    /// How many requests may be in flight. Default: `None`, no limit.
    pub concurrency: Option<Concurrency>,
    /// How much of a request's body is read before an upstream is asked, in bytes. Default: `None`, nothing.
    pub buffer: Option<usize>,
    /// Time limits that replace those of the pool, and of the gateway.
    pub timeouts: RouteTimeouts,
}

/// How often requests may come: on average `requests` in `per`, and as many as `burst` at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Its name in `RateLimit` and `RateLimit-Policy`, in logs and metrics: visible ASCII without quotes. Default: the
    /// name of its key.
    pub name: String,
    /// How many requests may come in [`per`](Self::per), on average; 1 to 1 000 000.
    pub requests: NonZeroU32,
    /// The time for [`requests`](Self::requests); 1 s to a year.
    pub per: Duration,
    /// How many requests may come at once, after none came for a while; 1 to 1 000 000. Default: as many as
    /// [`requests`](Self::requests).
    pub burst: NonZeroU32,
    /// Whose requests are counted together. Default: [`RateKey::Client`].
    pub key: RateKey,
    /// How many keys are remembered, at 8 bytes each; 8 to 16 777 216. Default: 65 536. Of more keys, those are
    /// forgotten first that are furthest from the limit.
    pub keys: usize,
    /// Whether all gateways that use the same [`Redis`](crate::config::Redis) count together. Default: no.
    pub shared: bool,
}

impl RateLimit {
    /// So many requests in this time, with the default of everything else.
    pub fn new(requests: NonZeroU32, per: Duration, key: RateKey) -> Self {
        let name = key.name().to_owned();
        Self { name, requests, per, burst: requests, key, keys: 65_536, shared: false }
    }
}

/// Whose requests are counted together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RateKey {
    /// Those of one IPv4 address, or of one IPv6 network of 64 bits.
    #[default]
    Client,
    /// All of the route's.
    Route,
    /// Those of one user, as the route's gate found out: the label of an admin token, or the subject of a JSON Web Token.
    /// Without a user, the client's address.
    Token,
    /// Those with the same value of this field. Without the field, the client's address.
    Header(HeaderName),
    /// Those with the same value of this cookie. Without the cookie, the client's address.
    Cookie(String),
}

impl RateKey {
    /// What a limit is called that has no name of its own.
    fn name(&self) -> &str {
        match self {
            Self::Client => "client",
            Self::Route => "route",
            Self::Token => "token",
            Self::Header(name) => name.as_str(),
            Self::Cookie(name) => name,
        }
    }
}

/// How many requests of a route may be in flight, and how many more may wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concurrency {
    /// The most requests in flight; 1 to 1 000 000. One is in flight until its answer's body or its tunnel has ended.
    pub requests: usize,
    /// The queue for requests that come while there are as many.
    pub queue: Queue,
}

/// Time limits of a route. Each is longer than zero and at most a year, or [`Duration::MAX`] for `"off"`. `None` is what
/// the pool says, or the gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteTimeouts {
    /// In place of the pool's [`response_head`](crate::config::PoolTimeouts::response_head).
    pub response_head: Option<Duration>,
    /// In place of the pool's [`body_idle`](crate::config::PoolTimeouts::body_idle).
    pub body_idle: Option<Duration>,
    /// In place of the pool's [`tunnel_idle`](crate::config::PoolTimeouts::tunnel_idle).
    pub tunnel_idle: Option<Duration>,
    /// In place of [`Timeouts::request`](crate::config::Timeouts::request) of the gateway.
    pub request: Option<Duration>,
}
