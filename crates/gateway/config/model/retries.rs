//! `retries`: when a failed request is sent again.

use std::time::Duration;

use http::StatusCode;

/// When and how often a failed request is sent again, if it may be repeated (RFC 9110 §9.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retries {
    /// How many more times a request is sent; 1 to 5. Default: 1.
    pub attempts: u32,
    /// The statuses after which a request is sent again, ascending, each once; within 400 to 599. Default: 502, 503 and
    /// 504.
    pub statuses: Vec<StatusCode>,
    /// How long one try may take until the head of its response; longer than zero. Default: `None`, no limit for a try.
    pub per_try_timeout: Option<Duration>,
    /// The most retries, in percent of the pool's requests; 0 to 100. Default: 20.
    pub budget_percent: u8,
    /// How many retries a second are allowed in addition to `budget_percent`; 0 to 1000. Default: 3.
    pub budget_min_per_second: u32,
    /// The longest wait before the first retry; it doubles with each further one. Longer than zero. Default: 25 ms.
    pub backoff: Duration,
    /// The longest wait before any retry; at least `backoff`. Default: 250 ms.
    pub max_backoff: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 1,
            statuses: vec![
                StatusCode::BAD_GATEWAY,
                StatusCode::SERVICE_UNAVAILABLE,
                StatusCode::GATEWAY_TIMEOUT,
            ],
            per_try_timeout: None,
            budget_percent: 20,
            budget_min_per_second: 3,
            backoff: Duration::from_millis(25),
            max_backoff: Duration::from_millis(250),
        }
    }
}
