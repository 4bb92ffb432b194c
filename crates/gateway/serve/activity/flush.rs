//! Whether a response waits for the socket to be flushed.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// A flush of one connection's socket, which a response whose body failed waits for.
#[derive(Debug)]
pub(in crate::serve) struct Flush(AtomicU8);

const NOT_AWAITED: u8 = 0;
const AWAITED: u8 = 1;
const DONE: u8 = 2;

impl Flush {
    pub(super) fn new() -> Self {
        Self(AtomicU8::new(NOT_AWAITED))
    }

    /// Notes that a response waits until everything before is written.
    pub(in crate::serve) fn begin_to_await(&self) {
        self.0.store(AWAITED, Relaxed);
    }

    /// Notes that hyper has flushed the socket. Returns whether a response waited for that.
    pub(in crate::serve) fn flushed(&self) -> bool {
        let is_awaited = self.0.load(Relaxed) == AWAITED;
        if is_awaited {
            self.0.store(DONE, Relaxed);
        }
        is_awaited
    }

    /// Whether the socket was flushed since [`begin_to_await`](Self::begin_to_await).
    pub(in crate::serve) fn is_done(&self) -> bool {
        self.0.load(Relaxed) == DONE
    }
}
