//! HTTP/2: connections that many requests share, each with a stream of its own.
//!
//! - `set`: one runtime's connections to an endpoint, and which of them a request takes.
//! - `connection`: one connection as requests use it: each takes a place on it while its stream is open.
//! - `load`: how many requests are on one connection, and whether it may get more.
//! - `common`: what the connections of a set share with the requests that wait for a place on one.
//! - `driver`: one connection as the task that drives it sees it, from the handshake to the end.
//! - `heard`: a connection's bytes, where it is seen that the upstream sends something.
//! - `options`: the options of HTTP/2.
//! - `pings`: asking an upstream whether it is still there.
//! - `outlook`: whether another connection is worth a try.
//! - `flight`: one dial for all requests that wait for a connection.
//! - `exchange`: one request as it is sent over HTTP/2, and its answer.
//! - `sending`, `received`: the bodies of the request and the answer.

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
