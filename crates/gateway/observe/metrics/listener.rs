//! `ListenerMeter`: what is counted of a listener's connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::named::Named;

/// What is counted of a listener's connections. Each worker has one of its own, so that no other thread writes it.
#[derive(Debug, Default)]
pub(crate) struct ListenerMeter {
    accepted: AtomicU64,
    open: AtomicU64,
    failed_accepts: AtomicU64,
    /// Connections that were closed before their first request, by reason.
    refused: Named,
    handshakes: AtomicU64,
    failed_handshakes: Named,
    /// Connections that speak HTTP, by version.
    http1: AtomicU64,
    http2: AtomicU64,
    streams: AtomicU64,
    reset_by_client: AtomicU64,
    reset_here: AtomicU64,
}

/// What was counted at a listener, over all workers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ListenerCounts {
    pub(crate) accepted: u64,
    pub(crate) open: u64,
    pub(crate) failed_accepts: u64,
    /// By reason.
    pub(crate) refused: Vec<(&'static str, u64)>,
    /// TLS handshakes that succeeded.
    pub(crate) handshakes: u64,
    /// By reason.
    pub(crate) failed_handshakes: Vec<(&'static str, u64)>,
    pub(crate) http1: u64,
    pub(crate) http2: u64,
    pub(crate) streams: u64,
    pub(crate) reset_by_client: u64,
    pub(crate) reset_here: u64,
}

impl ListenerMeter {
    /// A connection was accepted. It is open until the returned value is dropped.
    pub(crate) fn accepted(self: &Arc<Self>) -> OpenConnection {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        OpenConnection(Arc::clone(self))
    }

    /// The system couldn't accept a connection.
    pub(crate) fn failed_to_accept(&self) {
        self.failed_accepts.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection is closed before its first request.
    pub(crate) fn refused(&self, reason: &'static str) {
        self.refused.count(reason);
    }

    /// A TLS handshake begins.
    #[cfg(feature = "tls")]
    pub(crate) fn handshake(&self) -> Handshake<'_> {
        Handshake { meter: self, failure: Some("unfinished") }
    }

    /// A connection speaks HTTP/1.
    pub(crate) fn speaks_http1(&self) {
        self.http1.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection speaks HTTP/2.
    pub(crate) fn speaks_http2(&self) {
        self.http2.fetch_add(1, Ordering::Relaxed);
    }

    /// An HTTP/2 stream begins.
    pub(crate) fn stream_began(&self) {
        self.streams.fetch_add(1, Ordering::Relaxed);
    }

    /// An HTTP/2 client has reset a stream before its answer was sent.
    pub(crate) fn reset_by_client(&self) {
        self.reset_by_client.fetch_add(1, Ordering::Relaxed);
    }

    /// The gateway has reset an HTTP/2 stream.
    pub(crate) fn reset_here(&self) {
        self.reset_here.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds what this has counted.
    pub(super) fn add_to(&self, sum: &mut ListenerCounts) {
        let counters = [
            (&self.accepted, &mut sum.accepted),
            (&self.open, &mut sum.open),
            (&self.failed_accepts, &mut sum.failed_accepts),
            (&self.handshakes, &mut sum.handshakes),
            (&self.http1, &mut sum.http1),
            (&self.http2, &mut sum.http2),
            (&self.streams, &mut sum.streams),
            (&self.reset_by_client, &mut sum.reset_by_client),
            (&self.reset_here, &mut sum.reset_here),
        ];
        for (counter, sum) in counters {
            *sum += counter.load(Ordering::Relaxed);
        }
        add_named(&self.refused, &mut sum.refused);
        add_named(&self.failed_handshakes, &mut sum.failed_handshakes);
    }
}

fn add_named(named: &Named, sum: &mut Vec<(&'static str, u64)>) {
    for (name, count) in named.counts() {
        match sum.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += count,
            None => sum.push((name, count)),
        }
    }
}

/// A connection that is open until this is dropped.
#[derive(Debug)]
pub(crate) struct OpenConnection(Arc<ListenerMeter>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A TLS handshake that is under way. If it is dropped, it was given up.
#[cfg(feature = "tls")]
#[derive(Debug)]
pub(crate) struct Handshake<'a> {
    meter: &'a ListenerMeter,
    failure: Option<&'static str>,
}

#[cfg(feature = "tls")]
impl Handshake<'_> {
    pub(crate) fn succeeded(mut self) {
        self.failure = None;
        self.meter.handshakes.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn failed(mut self, reason: &'static str) {
        self.failure = Some(reason);
    }
}

#[cfg(feature = "tls")]
impl Drop for Handshake<'_> {
    fn drop(&mut self) {
        if let Some(reason) = self.failure {
            self.meter.failed_handshakes.count(reason);
        }
    }
}
