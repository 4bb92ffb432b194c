//! `[timeouts]` and a pool's `timeouts`: time limits.

use std::time::Duration;

/// Time limits, for the whole gateway. Each is longer than zero and at most a year. One that the file turns `"off"` is
/// [`Duration::MAX`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// How long it may take to connect to an upstream, with DNS and TLS; can't be off. Default: 5 s. Then the client
    /// gets 504.
    pub connect: Duration,
    /// The time from when a request was sent to the head of the upstream's response; may be off. Default: 60 s. Then
    /// the client gets 504.
    pub response_head: Duration,
    /// The time between two pieces of a request's or response's body; may be off. Default: 60 s. Then the message is
    /// cut off.
    pub body_idle: Duration,
    /// How long a client may take to send the head of a request; can't be off. Default: 10 s. Then the connection is
    /// closed.
    pub request_head: Duration,
    /// How long a client connection may be idle between two requests; can't be off. Default: 75 s. Then it is closed.
    pub keep_alive: Duration,
    /// How long a tunnel, such as a WebSocket, may carry no data; may be off. Default: 5 min. Then it is closed.
    pub tunnel_idle: Duration,
    /// The time from a request's head to the head of its response. Default: `None`, off. If it is set and exceeded, the
    /// client gets 503.
    pub request: Option<Duration>,
    /// The time from the signal to stop until connections that are still open are cut off; may be off. Default: 10 s.
    pub shutdown: Duration,
    /// How long tunnels and streams of a route or upstream may go on that a reload has removed, and requests of such a
    /// listener, or of a gateway that another has taken over from; may be off. Default: 5 min. Then they are closed.
    pub drain: Duration,
    /// How long the gateway still serves everything after the signal to stop, while it says that it isn't ready. Then the
    /// shutdown begins. Default: off, which is 0 s.
    pub shutdown_delay: Duration,
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
            drain: Duration::from_secs(5 * 60),
            shutdown_delay: Duration::ZERO,
        }
    }
}

/// The time limits that a [`Pool`](super::Pool) may set for itself. The others in [`Timeouts`] begin before it is known
/// which pool a request goes to.
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
    /// The time limits of a pool that sets none itself.
    pub(in crate::config) fn of_pools(&self) -> PoolTimeouts {
        PoolTimeouts {
            connect: self.connect,
            response_head: self.response_head,
            body_idle: self.body_idle,
            tunnel_idle: self.tunnel_idle,
        }
    }
}
