//! Connections that serve only one client, because credentials were sent on them or asked for, or because they began with
//! its address.
//!
//! - `ends`: between which addresses the client's connection is.
//! - `client_connection`: the client's connection, as the server reports it. What is bound to it ends with it.
//! - `owner`: which requests an upstream connection may serve next.
//! - `identity`: which client a request belongs to.
//! - `idle`: a bound connection while it is idle.
//! - `exchange`: a request that may not go on just any connection.

mod client_connection;
mod ends;
mod exchange;
mod identity;
mod idle;
mod owner;

pub use self::client_connection::ClientConnection;
pub(super) use self::client_connection::WeakClientConnection;
pub use self::ends::Ends;
pub(super) use self::exchange::{Outcome, exchange};
pub(crate) use self::identity::Identity;
pub(super) use self::idle::{Idle, Wanted};
pub(super) use self::owner::Owner;
