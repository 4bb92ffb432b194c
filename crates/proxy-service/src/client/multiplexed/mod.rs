//! HTTP/2: connections that many requests share, each with a stream of its own.
//!
//! - `set`: one runtime's connections to an endpoint, and which of them a request takes.
//! - `connection`: one of them as requests see it: a place on it, for as long as their stream is open.
//! - `load`: how much is on one, and what is thought of it.
//! - `driver`: one of them as the task sees it that drives it, from the handshake to the end.
//! - `pings`: asking an upstream whether it is still there.
//! - `outlook`: whether another connection is worth a try.
//! - `flight`: one dial for all who wait for a connection.
//! - `exchange`: one request, as HTTP/2 puts it, and its answer.
//! - `sending`, `received`: the bodies of the two.

mod connection;
mod driver;
mod exchange;
mod flight;
mod heard;
mod load;
mod outlook;
mod pings;
mod received;
mod sending;
mod set;

use std::num::NonZeroU32;
use std::time::Duration;

pub(super) use self::connection::{Connection, Place};
pub(super) use self::driver::open;
pub(super) use self::exchange::exchange;
pub(super) use self::flight::Landing;
pub(super) use self::received::Received;
pub(super) use self::set::Set;

/// What is peculiar to HTTP/2.
#[derive(Clone, Copy, Debug)]
pub(super) struct Http2Options {
    /// Requests at a time on one connection, as far as their windows allow; fewer if the upstream wants fewer.
    pub(super) max_streams: NonZeroU32,
    pub(super) keep_alive: Option<KeepAlive>,
}

/// Asking a silent upstream whether it is still there.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeepAlive {
    pub(super) interval: Duration,
    pub(super) timeout: Duration,
}

impl Http2Options {
    fn streams(&self) -> u32 {
        self.max_streams.get().min(driver::MOST_STREAMS)
    }
}

impl Default for Http2Options {
    fn default() -> Self {
        Self { max_streams: NonZeroU32::new(100).expect("100 is not 0"), keep_alive: None }
    }
}
