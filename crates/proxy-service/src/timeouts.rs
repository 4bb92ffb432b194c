//! How long to wait for an upstream.

use std::time::Duration;

/// Limits on waiting, each with its own status; how long a *connect* may take is the client's
/// ([`ClientBuilder::connect_timeout`](crate::ClientBuilder::connect_timeout)). [`Duration::MAX`] is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From the request being sent, or its body's last progress, to the head of the response: 504. Default 60 s, since long polls
    /// of 30 s are common. Connecting counts, waiting for one of
    /// [`max_connections`](crate::ClientBuilder::max_connections), or for a place on full HTTP/2 connections, doesn't.
    pub response_head: Duration,
    /// Between two pieces of a body, either way: a stalled upload is 408, a stalled download is broken off. Default 60 s.
    pub body_idle: Duration,
    /// Between two bytes through a tunnel, whichever way: both ends are closed. Default 5 min.
    pub tunnel_idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            response_head: Duration::from_secs(60),
            body_idle: Duration::from_secs(60),
            tunnel_idle: Duration::from_secs(300),
        }
    }
}
