//! The error of a request that found no free connection.

use std::fmt;

/// An endpoint has as many connections as it may have, and each of them has as many requests as it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRoom {
    /// As many requests as may wait for a connection were waiting already. The request failed at once.
    QueueFull,
    /// The request waited for a connection for as long as it may.
    QueueTimeout,
}

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueFull => "all connections are in use, and the queue for them is full",
            Self::QueueTimeout => "all connections were in use for as long as a request may wait",
        })
    }
}

impl std::error::Error for NoRoom {}
