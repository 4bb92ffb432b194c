//! How the gateway learns that an upstream is unwell: by asking it, and by its answers to others.

use std::num::{NonZeroU16, NonZeroU32};
use std::ops::RangeInclusive;
use std::time::Duration;

use balance::AllDown;
use http::uri::{Authority, PathAndQuery};

/// Probes: each upstream is asked whether it is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// What is asked for, whatever the upstream's base path, in origin form (RFC 9112 §3.2.1) and visible ASCII. No default.
    pub path: PathAndQuery,
    /// From one probe to the next; at least 100 ms. Default: 10 s.
    pub interval: Duration,
    /// From the beginning of a probe to its response's head; longer than zero. Default: 2 s; then it has failed.
    pub timeout: Duration,
    /// Successful probes in a row after which an upstream is up; 1 to 10. Default: 2.
    pub rise: NonZeroU32,
    /// Failed probes in a row after which it is down; 1 to 10. Default: 3.
    pub fall: NonZeroU32,
    /// The statuses of a successful probe; within 200 to 599, not empty. Default: 200 to 299.
    pub status: RangeInclusive<u16>,
    /// The `Host` of the probes. Default: `None`, the upstream's own.
    pub host: Option<Authority>,
    /// Where the upstream listens for probes. Default: `None`, its own port.
    pub port: Option<NonZeroU16>,
    /// What becomes of requests while all upstreams are down. Default: they are refused.
    pub all_down: AllDown,
}

/// When an upstream that fails is ejected: left out for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outliers {
    /// Failures in a row that eject; 1 to 1000. Default: 5.
    pub consecutive: u32,
    /// The share of failures that ejects. Default: `None`, off.
    pub failure_rate: Option<FailureRate>,
    /// How long for the first time; the second time is twice as long, and so on. Default: 30 s.
    pub ejection: Duration,
    /// How long at most; at least `ejection`. Default: 5 min.
    pub max_ejection: Duration,
    /// How many percent of the pool may be ejected at a time; 0 to 100. Default: 50.
    pub max_ejected: u8,
}

impl Default for Outliers {
    fn default() -> Self {
        Self {
            consecutive: 5,
            failure_rate: None,
            ejection: Duration::from_secs(30),
            max_ejection: Duration::from_secs(5 * 60),
            max_ejected: 50,
        }
    }
}

/// A share of failures among an upstream's latest requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureRate {
    /// Failures in percent of the requests; 1 to 100. Default: 50.
    pub percent: u8,
    /// Requests in the window below which nothing is concluded; 1 to 1 000 000. Default: 20.
    pub requests: u32,
    /// How far back requests count; at least 100 ms. Default: 10 s.
    pub window: Duration,
}

impl Default for FailureRate {
    fn default() -> Self {
        Self { percent: 50, requests: 20, window: Duration::from_secs(10) }
    }
}
