//! The upstream client: a pool of connections for each endpoint, over our own HTTP/1 and h2.
//!
//! From what is used by all to what uses all:
//!
//! - `error`, `no_room`, `answers`: what can go wrong, and how much the head of an answer may hold.
//! - `endpoint`: where a [`ProxyService`](crate::ProxyService) and its client meet: the target, and a place for the pool.
//! - `dial`: new connections: addresses, TCP, TLS, and which HTTP is spoken.
//! - `options`: what all pools of a client have in common.
//! - `sent`: a request as the client is given it.
//! - `waiting`: tells whoever waits for an answer that its request still waits for a connection.
//! - `connection`: one HTTP/1 connection, driven by whoever has a request on it, without a task of its own.
//! - `multiplexed`: HTTP/2 connections, which requests share; each has a task that drives it.
//! - `bound`: which client a connection belongs to, once a client has authenticated on it.
//! - `pool`: connections that wait for the next request, by the runtime that they belong to.
//! - `body`: the answer's body, which drives its connection as it is read, and gives it back.
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
mod multiplexed;
mod no_room;
mod options;
mod pool;
mod sent;
mod service;
mod waiting;

pub use self::body::ClientBody;
pub use self::bound::ClientConnection;
pub(crate) use self::bound::Identity;
pub use self::builder::{ClientBuilder, client};
pub(crate) use self::connection::Switched;
pub use self::dial::Protocols;
pub(crate) use self::dial::{DialError, DnsError};
pub(crate) use self::endpoint::Endpoint;
pub use self::error::ClientError;
pub(crate) use self::error::Diagnosis;
pub(crate) use self::no_room::NoRoom;
pub use self::pool::ConnectionCounts;
pub use self::sent::FreshConnection;
pub use self::service::{Client, ClientFuture};
pub(crate) use self::waiting::{Progress, observe};
