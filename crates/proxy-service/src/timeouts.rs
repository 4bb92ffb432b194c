//! How long to wait.

use std::time::Duration;

/// How long to wait for the upstream and for bodies. [`Duration::MAX`] is no limit.
///
/// How long connecting may take is an option of the client:
/// [`ClientBuilder::connect_timeout`](crate::ClientBuilder::connect_timeout).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The time until the head of the response, from the start of the request, the last progress of its body or the
    /// last interim answer. After it: 504. Default: 60 s, since long polls of 30 s are common.
    ///
    /// It includes connecting. It doesn't include waiting for one of
    /// [`max_connections`](crate::ClientBuilder::max_connections) or for a place on full HTTP/2 connections.
    pub response_head: Duration,
    /// The time between two pieces of a body, in either direction. After it an upload gets 408, and a download is
    /// broken off. Default: 60 s.
    pub body_idle: Duration,
    /// The time without a byte through a tunnel, in either direction. After it both ends are closed. Default: 5 min.
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
