//! HTTP/2: connections that many requests share, each with a stream of its own.
//!
//! - `set`: one runtime's connections to an endpoint, and which of them a request takes.
//! - `connection`: one of them as requests see it: a place on it, for as long as their stream is open.
//! - `load`: how much is on one, and what is thought of it.
//! - `common`: what the connections of a set tell those who wait for one.
//! - `driver`: one of them as the task sees it that drives it, from the handshake to the end.
//! - `options`: what of HTTP/2 a client may set.
//! - `pings`: asking an upstream whether it is still there.
//! - `outlook`: whether another connection is worth a try.
//! - `flight`: one dial for all who wait for a connection.
//! - `exchange`: one request, as HTTP/2 puts it, and its answer.
//! - `sending`, `received`: the bodies of the two.

mod common;
mod connection;
mod driver;
mod exchange;
mod flight;
mod heard;
mod load;
mod options;
mod outlook;
mod pings;
mod received;
mod sending;
mod set;

pub(super) use self::connection::{Connection, Place};
pub(super) use self::driver::open;
pub(super) use self::exchange::exchange;
pub(super) use self::flight::Landing;
pub(super) use self::options::{Http2Options, KeepAlive};
pub(super) use self::received::Received;
pub(super) use self::set::Set;
