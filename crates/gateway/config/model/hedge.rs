//! `hedge`: when a request goes to a second upstream while the first one doesn't answer.

use std::time::Duration;

/// When a request is sent to a second upstream, if it is safe (RFC 9110 §9.2.1) and can be repeated. The first answer is
/// taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hedge {
    /// How long the first upstream is waited for. No default.
    pub after: HedgeAfter,
    /// The most second requests, in percent of the pool's requests; 0 to 100. Default: 5.
    pub budget_percent: u8,
    /// How many a second are allowed in addition to `budget_percent`; 0 to 1000. Default: 1.
    pub budget_min_per_second: u32,
}

/// How long a request waits for its first upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HedgeAfter {
    /// So long; longer than zero.
    Time(Duration),
    /// For longer than this percentage of the pool's latest answers took; 50 to 99.
    Percentile(u8),
}
