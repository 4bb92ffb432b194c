//! `max_in_flight` and `queue`: the limit for requests in flight.

use std::time::Duration;

/// How many requests may be in flight at each upstream of a pool, and how many may wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// The most requests in flight at one upstream; 1 to 1 000 000. No default.
    pub max_in_flight: usize,
    /// The queue for requests that come while every upstream is full.
    pub queue: Queue,
}

/// A queue in which requests wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// How many requests may wait; 0 to 100 000. Default: 100. Further requests are answered with 503.
    pub size: usize,
    /// How long a request may wait; longer than zero. Default: 1 s. Then it is answered with 503.
    pub timeout: Duration,
}

impl Default for Queue {
    fn default() -> Self {
        Self { size: 100, timeout: Duration::from_secs(1) }
    }
}
