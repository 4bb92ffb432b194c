//! The client that sends requests to upstreams. It has a pool of connections for each endpoint. It speaks HTTP/1 with
//! our own codec, and HTTP/2 with h2.
//!
//! The modules, from those that the others use to those that use the others:
//!
//! - `error`, `no_room`, `answers`: the errors, and the limits on the head of an answer.
//! - `endpoint`: what a [`ProxyService`](crate::ProxyService) and its client share: the target, and a slot for the
//!   pool.
//! - `dial`: opens connections: resolves names, connects, does the TLS handshake, and finds out which HTTP is spoken.
//! - `options`: the options that all pools of a client share.
//! - `sent`: a request as it is passed to the client.
//! - `waiting`: tells the future that waits for an answer whether it is the upstream's turn, and of interim answers.
//! - `steps`: tells that future when a request came how far.
//! - `interim`: interim answers on their way to the client.
//! - `connection`: one HTTP/1 connection, driven without a task: by its request's future and then by the answer's
//!   body.
//! - `multiplexed`: HTTP/2 connections. Requests share them, and a task drives each of them.
//! - `bound`: connections that serve only one client, because a client has authenticated on them.
//! - `pool`: the connections that wait for the next request, kept separately for each runtime.
//! - `body`: the body of an answer. Reading it drives its connection, which is given back at the end.
//! - `asked`, `exchange`: one request, from the pool to its answer.
//! - `service`, `builder`: the client as a Tower service, and its options.

mod answers;
mod asked;
mod body;
mod bound;
mod builder;
mod connection;
mod dial;
mod endpoint;
mod error;
mod exchange;
mod failed_dial;
mod interim;
mod multiplexed;
mod no_room;
mod options;
mod pool;
mod sent;
mod service;
mod steps;
mod waiting;

pub use self::body::ClientBody;
pub(crate) use self::bound::Identity;
pub use self::bound::{ClientConnection, Ends};
pub use self::builder::{ClientBuilder, client};
pub(crate) use self::connection::Switched;
pub use self::dial::{ByteStream, Protocols, ProxyHeader};
pub(crate) use self::dial::{DialError, DnsError};
pub(crate) use self::endpoint::Endpoint;
pub use self::error::ClientError;
pub(crate) use self::error::Diagnosis;
pub(crate) use self::no_room::NoRoom;
pub use self::pool::ConnectionCounts;
pub use self::sent::FreshConnection;
pub use self::service::{Client, ClientFuture};
pub(crate) use self::steps::{Steps, taken_in};
pub(crate) use self::waiting::{Progress, observe};
