//! How long things may take.

use std::time::Duration;

/// How long things may take: longer than zero and at most a year. [`Duration::MAX`] is never, for what the file turns
/// `"off"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Connecting to an upstream, DNS and TLS included; never off. Default: 5 s; then 504.
    pub connect: Duration,
    /// From the request sent to the upstream's response head; may be off. Default: 60 s; then 504.
    pub response_head: Duration,
    /// Between two pieces of a body, each way; may be off. Default: 60 s; then the message is broken off.
    pub body_idle: Duration,
    /// Reading a request's head from the client; never off. Default: 10 s.
    pub request_head: Duration,
    /// An idle client connection between two requests; never off. Default: 75 s.
    pub keep_alive: Duration,
    /// A tunnel (WebSocket) in which nothing moves; may be off. Default: 5 min.
    pub tunnel_idle: Duration,
    /// A request from its head to its response's head. Default: `None`, off; when set, then 503.
    pub request: Option<Duration>,
    /// From the signal to stop until what is left is aborted; may be off. Default: 10 s.
    pub shutdown: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            response_head: Duration::from_secs(60),
            body_idle: Duration::from_secs(60),
            request_head: Duration::from_secs(10),
            keep_alive: Duration::from_secs(75),
            tunnel_idle: Duration::from_secs(5 * 60),
            request: None,
            shutdown: Duration::from_secs(10),
        }
    }
}

/// Those of [`Timeouts`] that a [`Pool`](super::Pool) may have of its own: the others run before a request has a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolTimeouts {
    /// As [`Timeouts::connect`].
    pub connect: Duration,
    /// As [`Timeouts::response_head`].
    pub response_head: Duration,
    /// As [`Timeouts::body_idle`].
    pub body_idle: Duration,
    /// As [`Timeouts::tunnel_idle`].
    pub tunnel_idle: Duration,
}

impl Timeouts {
    /// What a pool has that says nothing else.
    pub(in crate::config) fn of_pools(&self) -> PoolTimeouts {
        PoolTimeouts {
            connect: self.connect,
            response_head: self.response_head,
            body_idle: self.body_idle,
            tunnel_idle: self.tunnel_idle,
        }
    }
}
