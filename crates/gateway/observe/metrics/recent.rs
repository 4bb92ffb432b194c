//! `Recent`: what a route was like just now.

use std::time::Duration;

/// What a route was like in the last ten seconds, or since it is there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Recent {
    /// Requests that ended, in a second.
    pub(crate) requests_per_second: f64,
    /// Those of them that were answered with a 5xx, or whose answer broke off through no fault of the client.
    pub(crate) errors_per_second: f64,
    /// How long half of the requests took at most. `None` without requests.
    pub(crate) p50: Option<Duration>,
    /// How long 99 of 100 requests took at most.
    pub(crate) p99: Option<Duration>,
}
