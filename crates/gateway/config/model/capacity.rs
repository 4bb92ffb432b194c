//! How much a pool takes on at a time.

use std::time::Duration;

/// The requests that a pool has in flight, and those that wait for a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Requests in flight at an upstream; 1 to 1 000 000. No default.
    pub max_in_flight: usize,
    /// Where requests wait while every upstream is full.
    pub queue: Queue,
}

/// A pool's waiting room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// How many requests may wait; 0 to 100 000. Default: 100; then 503.
    pub size: usize,
    /// How long one may wait; longer than zero. Default: 1 s; then 503.
    pub timeout: Duration,
}

impl Default for Queue {
    fn default() -> Self {
        Self { size: 100, timeout: Duration::from_secs(1) }
    }
}
