use std::{fmt, num::NonZeroU32, time::Duration};

/// How many requests may be in flight at one endpoint, and how many more may wait for a place, and for how long.
///
/// The whole pool has one queue. The first request in it takes the first place that any endpoint frees; only a
/// request that arrives at that moment may be faster.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub(crate) in_flight: NonZeroU32,
    pub(crate) queue: u32,
    pub(crate) timeout: Duration,
}

impl Limit {
    /// At most `in_flight` requests at each endpoint. When all endpoints are full, up to 100 requests wait for up
    /// to 1 s.
    pub fn new(in_flight: NonZeroU32) -> Self {
        Self { in_flight, queue: 100, timeout: Duration::from_secs(1) }
    }

    /// At most `length` requests wait, each for at most `timeout` after its wait first began. With a length of 0,
    /// requests are refused at once.
    pub fn queue(self, length: u32, timeout: Duration) -> Self {
        Self { queue: length, timeout, ..self }
    }
}

/// The request was refused because all endpoints that could take it are full.
///
/// To find this error in a [`BoxError`](crate::BoxError), use `downcast_ref`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overloaded {
    /// The queue was full. The request fails at once.
    QueueFull,
    /// The request waited for a place for as long as it may.
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
