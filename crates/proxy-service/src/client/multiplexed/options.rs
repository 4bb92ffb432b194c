//! The options of HTTP/2.

use std::num::NonZeroU32;
use std::time::Duration;

/// A stream's window in bytes: how much of an answer the upstream may send before we have read it.
pub(super) const STREAM_WINDOW: u32 = 256 * 1024;
/// The largest window that there is (RFC 9113 §6.9.1).
const LARGEST_WINDOW: u32 = (1 << 31) - 1;
/// The most streams at a time on one connection. The windows of so many streams fit into the connection's window, so an
/// answer that isn't read doesn't hold up the others.
pub(super) const MOST_STREAMS: u32 = LARGEST_WINDOW / STREAM_WINDOW;

/// The options that only HTTP/2 has.
#[derive(Clone, Copy, Debug)]
pub(in crate::client) struct Http2Options {
    /// The most requests at a time on one connection: 100 by default, at most `MOST_STREAMS`, and fewer if the upstream
    /// accepts fewer.
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
