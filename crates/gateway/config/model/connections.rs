//! A pool's connections to its upstreams.

use std::num::NonZeroU32;
use std::time::Duration;

use super::Queue;

/// How many connections there are to each upstream of a pool, and how long they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connections {
    /// Connections to an upstream over all workers, tunnels included; 1 to 1 000 000. Default: `None`, no limit.
    pub max: Option<NonZeroU32>,
    /// Where requests wait while all connections are in use.
    pub queue: Queue,
    /// Idle connections that each worker keeps to an upstream; 0 to 10 000. Default: 256.
    pub max_idle: u16,
    /// How long one is kept without a request; longer than zero. Default: 30 s.
    pub idle_timeout: Duration,
    /// How old one may become, give or take a tenth. Default: `None`, no limit.
    pub max_age: Option<Duration>,
    /// Requests on one; 1 to 1 000 000 000. Default: `None`, no limit.
    pub max_uses: Option<NonZeroU32>,
    /// How long an HTTP/2 upstream may say nothing while requests wait for it before it is pinged. Default: `None`, it isn't.
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
