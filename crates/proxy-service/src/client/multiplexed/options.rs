//! What of HTTP/2 a client may set.

use std::num::NonZeroU32;
use std::time::Duration;

/// What a request's answer may run ahead of its reader.
pub(super) const STREAM_WINDOW: u32 = 256 * 1024;
/// The largest window that there is (RFC 9113 §6.9.1).
const LARGEST_WINDOW: u32 = (1 << 31) - 1;
/// As many streams as have room in a connection's window together, so that a reader that falls asleep holds up no other.
pub(super) const MOST_STREAMS: u32 = LARGEST_WINDOW / STREAM_WINDOW;

/// What is peculiar to HTTP/2.
#[derive(Clone, Copy, Debug)]
pub(in crate::client) struct Http2Options {
    /// Requests at a time on one connection, as far as their windows allow; fewer if the upstream wants fewer.
    pub(in crate::client) max_streams: NonZeroU32,
    pub(in crate::client) keep_alive: Option<KeepAlive>,
}

/// Asking a silent upstream whether it is still there.
#[derive(Clone, Copy, Debug)]
pub(in crate::client) struct KeepAlive {
    pub(in crate::client) interval: Duration,
    pub(in crate::client) timeout: Duration,
}

impl Http2Options {
    pub(super) fn streams(&self) -> u32 {
        self.max_streams.get().min(MOST_STREAMS)
    }
}

impl Default for Http2Options {
    fn default() -> Self {
        Self { max_streams: NonZeroU32::new(100).expect("100 is not 0"), keep_alive: None }
    }
}
