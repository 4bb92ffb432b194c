//! `connections`: a pool's connections to its upstreams.

use std::num::NonZeroU32;
use std::time::Duration;

use super::Queue;

/// How many connections there are to each upstream of a pool, and how long they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connections {
    /// The most connections to one upstream, over all workers and with tunnels; 1 to 1 000 000. Default: `None`, no
    /// limit.
    pub max: Option<NonZeroU32>,
    /// The queue for requests that come while all connections are in use.
    pub queue: Queue,
    /// How many idle connections each worker keeps to one upstream; 0 to 10 000. Default: 256.
    pub max_idle: u16,
    /// How long a connection is kept without a request; longer than zero. Default: 30 s.
    pub idle_timeout: Duration,
    /// The greatest age of a connection, give or take a tenth. Default: `None`, no limit.
    pub max_age: Option<Duration>,
    /// The most requests on one connection; 1 to 1 000 000 000. Default: `None`, no limit.
    pub max_uses: Option<NonZeroU32>,
    /// When to send a PING on an HTTP/2 connection: after so long without a byte from the upstream while requests are
    /// in flight. Default: `None`, never.
    pub ping: Option<Duration>,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            max: None,
            queue: Queue::default(),
            max_idle: 256,
            idle_timeout: Duration::from_secs(30),
            max_age: None,
            max_uses: None,
            ping: None,
        }
    }
}
