//! What an HTTP/2 connection is doing, and its deadline.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

use crate::observe::metrics::ListenerMeter;

/// Who has reset a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resetter {
    Client,
    Gateway,
}

/// The state of one connection, which its socket, its streams and `drive` share. The streams run in tasks of their own.
/// Nothing is published by these atomics but their own values, so relaxed ordering is enough.
#[derive(Debug)]
pub(super) struct Activity {
    began: Instant,
    keep_alive_idle: Duration,
    /// In microseconds after `began`. It counts while there are no streams.
    deadline: AtomicU64,
    streams: AtomicUsize,
    requests: AtomicU64,
    heard: AtomicU64,
    meter: Arc<ListenerMeter>,
}

impl Activity {
    /// The state of a connection that begins now. It may be without streams for `keep_alive_idle`.
    pub(super) fn new(keep_alive_idle: Duration, meter: Arc<ListenerMeter>) -> Self {
        let activity = Self {
            began: Instant::now(),
            keep_alive_idle,
            deadline: AtomicU64::new(0),
            streams: AtomicUsize::new(0),
            requests: AtomicU64::new(0),
            heard: AtomicU64::new(0),
            meter,
        };
        activity.set_deadline_in(keep_alive_idle);
        activity
    }

    /// Notes that something was received.
    pub(super) fn bytes_received(&self) {
        self.heard.fetch_add(1, Relaxed);
    }

    /// How often something was received.
    pub(super) fn heard(&self) -> u64 {
        self.heard.load(Relaxed)
    }

    /// Notes that a request's head is complete.
    pub(super) fn request_received(&self) {
        self.requests.fetch_add(1, Relaxed);
    }

    /// How many requests have been received.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Relaxed)
    }

    /// Notes that a stream began.
    pub(super) fn stream_began(&self) {
        self.streams.fetch_add(1, Relaxed);
        self.meter.stream_began();
    }

    /// Notes that a stream ended. If it was the last one, the connection is idle.
    pub(super) fn stream_ended(&self) {
        if self.streams.fetch_sub(1, Relaxed) == 1 {
            self.set_deadline_in(self.keep_alive_idle);
        }
    }

    /// Notes that a stream was reset before its answer was sent.
    pub(super) fn stream_was_reset(&self, by: Resetter) {
        match by {
            Resetter::Client => self.meter.reset_by_client(),
            Resetter::Gateway => self.meter.reset_here(),
        }
    }

    /// When the connection has been idle for too long. `None` while it has streams.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let is_idle = self.streams.load(Relaxed) == 0;
        is_idle.then(|| self.began + Duration::from_micros(self.deadline.load(Relaxed)))
    }

    /// Gives the connection this time from now on.
    pub(super) fn set_deadline_in(&self, after: Duration) {
        let micros = self.began.elapsed().saturating_add(after).as_micros();
        self.deadline.store(u64::try_from(micros).unwrap_or(u64::MAX), Relaxed);
    }
}
