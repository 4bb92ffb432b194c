//! Connections that have become one client's own, because who it is has been said on them, or asked.
//!
//! - `client_connection`: the client's connection, as a server tells of it; what is bound to it ends with it.
//! - `owner`: whom an upstream connection may serve next.
//! - `identity`: whose a request is.
//! - `idle`: a bound connection between two requests.
//! - `exchange`: a request that may not go on just any connection.

mod client_connection;
mod exchange;
mod identity;
mod idle;
mod owner;

pub use self::client_connection::ClientConnection;
pub(super) use self::client_connection::WeakClientConnection;
pub(super) use self::exchange::{Outcome, exchange};
pub(crate) use self::identity::Identity;
pub(super) use self::idle::{Idle, Wanted};
pub(super) use self::owner::Owner;
