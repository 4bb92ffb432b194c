use std::{fmt, num::NonZeroU32, time::Duration};

/// The most requests in flight at one endpoint, and how many more may wait for a place, and how long.
///
/// The queue is one for the whole pool: a request takes the first place that any endpoint frees. Places are given out
/// in the order of arrival, except that a request which arrives just then may take one before those that wait.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub(crate) in_flight: NonZeroU32,
    pub(crate) queue: u32,
    pub(crate) timeout: Duration,
}

impl Limit {
    /// At most `in_flight` requests an endpoint; when all are full, up to 100 requests wait up to 1 s.
    pub fn new(in_flight: NonZeroU32) -> Self {
        Self { in_flight, queue: 100, timeout: Duration::from_secs(1) }
    }

    /// At most `length` requests wait, each for at most `timeout` from its first
    /// wait on; a length of 0 refuses at once.
    pub fn queue(self, length: u32, timeout: Duration) -> Self {
        Self { queue: length, timeout, ..self }
    }
}

/// All endpoints that could take the request have as much in flight as they may.
///
/// Found in a [`BoxError`](crate::BoxError) by `downcast_ref`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overloaded {
    /// As many requests as may wait for a place were waiting already: said at once.
    QueueFull,
    /// It waited for a place as long as it may.
    QueueTimeout,
}

impl fmt::Display for Overloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueFull => "all endpoints are full, and so is the queue for them",
            Self::QueueTimeout => "all endpoints were full for as long as the request may wait",
        })
    }
}

impl std::error::Error for Overloaded {}
