//! What an HTTP/2 connection is doing, and its deadline.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

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
}

impl Activity {
    /// The state of a connection that begins now. It may be without streams for `keep_alive_idle`.
    pub(super) fn new(keep_alive_idle: Duration) -> Self {
        let activity = Self {
            began: Instant::now(),
            keep_alive_idle,
            deadline: AtomicU64::new(0),
            streams: AtomicUsize::new(0),
            requests: AtomicU64::new(0),
            heard: AtomicU64::new(0),
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
    }

    /// Notes that a stream ended. If it was the last one, the connection is idle.
    pub(super) fn stream_ended(&self) {
        if self.streams.fetch_sub(1, Relaxed) == 1 {
            self.set_deadline_in(self.keep_alive_idle);
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
