//! How many connections an endpoint has and had.

use std::iter::Sum;
use std::ops::Add;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The connections of one endpoint, over all runtimes. The numbers are read one after the other, so they need not all
/// be of the same moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionCounts {
    /// Connections that are open, or are being opened now.
    pub open: usize,
    /// Open connections that have no request.
    pub idle: usize,
    /// Requests that wait for a connection, because there are as many as there may be; see
    /// [`max_connections`](crate::ClientBuilder::max_connections).
    pub waiting: usize,
    /// Connections that were opened since the start, including attempts that failed.
    pub created: u64,
    /// How often a connection was used again.
    pub reused: u64,
    /// TLS handshakes that succeeded.
    pub handshakes: u64,
}

impl Add for ConnectionCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            open: self.open + other.open,
            idle: self.idle + other.idle,
            waiting: self.waiting + other.waiting,
            created: self.created + other.created,
            reused: self.reused + other.reused,
            handshakes: self.handshakes + other.handshakes,
        }
    }
}

impl Sum for ConnectionCounts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    open: AtomicUsize,
    created: AtomicU64,
    reused: AtomicU64,
    handshakes: AtomicU64,
}

impl Counts {
    pub(super) fn note_opening(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
        self.created.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn note_closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn note_reuse(&self) {
        self.reused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn note_handshake(&self) {
        self.handshakes.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self, idle: usize) -> ConnectionCounts {
        ConnectionCounts {
            open: self.open.load(Ordering::Relaxed),
            idle,
            waiting: 0,
            created: self.created.load(Ordering::Relaxed),
            reused: self.reused.load(Ordering::Relaxed),
            handshakes: self.handshakes.load(Ordering::Relaxed),
        }
    }
}
