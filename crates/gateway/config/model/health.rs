//! `health` and `outliers`: how the gateway finds out that an upstream is unwell, by probes and by the results of
//! requests.

use std::num::{NonZeroU16, NonZeroU32};
use std::ops::RangeInclusive;
use std::time::Duration;

use balance::AllDown;
use http::uri::{Authority, PathAndQuery};

/// Health checks: each upstream gets a probe at regular intervals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// The path and query of a probe, without the upstream's base path: origin form (RFC 9112 §3.2.1) in visible ASCII.
    /// No default.
    pub path: PathAndQuery,
    /// The time from one probe to the next; at least 100 ms. Default: 10 s.
    pub interval: Duration,
    /// The time from the start of a probe to the head of its response; longer than zero. Default: 2 s. A probe that
    /// takes longer has failed.
    pub timeout: Duration,
    /// After how many successful probes in a row an upstream is up; 1 to 10. Default: 2.
    pub rise: NonZeroU32,
    /// After how many failed probes in a row an upstream is down; 1 to 10. Default: 3.
    pub fall: NonZeroU32,
    /// The statuses that a successful probe may have; within 200 to 599, not empty. Default: 200 to 299.
    pub status: RangeInclusive<u16>,
    /// The `Host` of the probes. Default: `None`, the upstream's authority.
    pub host: Option<Authority>,
    /// The port that probes go to. Default: `None`, the upstream's port.
    pub port: Option<NonZeroU16>,
    /// What happens to requests while all upstreams are down. Default: they are refused.
    pub all_down: AllDown,
}

/// When an upstream that fails requests is ejected, and for how long. While it is ejected it gets no requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outliers {
    /// After how many failures in a row an upstream is ejected; 1 to 1000. Default: 5.
    pub consecutive: u32,
    /// At which share of failures an upstream is ejected. Default: `None`, the share doesn't matter.
    pub failure_rate: Option<FailureRate>,
    /// How long the first ejection lasts; the second lasts twice as long, the third three times, and so on. Default: 30
    /// s.
    pub ejection: Duration,
    /// How long an ejection lasts at most; no shorter than `ejection`. Default: 5 min.
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

/// The share of failures, among an upstream's latest requests, at which it is ejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureRate {
    /// Failures in percent of the requests; 1 to 100. Default: 50.
    pub percent: u8,
    /// How many requests there must be in the window; with fewer, the share doesn't matter. 1 to 1 000 000. Default:
    /// 20.
    pub requests: u32,
    /// The window: requests count for so long; at least 100 ms. Default: 10 s.
    pub window: Duration,
}

impl Default for FailureRate {
    fn default() -> Self {
        Self { percent: 50, requests: 20, window: Duration::from_secs(10) }
    }
}
