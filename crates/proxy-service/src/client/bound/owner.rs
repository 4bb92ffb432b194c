//! Whom an upstream connection may serve next.

use super::ClientConnection;
use super::client_connection::WeakClientConnection;

/// Whom an upstream connection may serve next.
#[derive(Clone)]
pub(in crate::client) enum Owner {
    Anybody,
    Nobody,
    /// The client connection that it is bound to, for as long as that lasts.
    One(WeakClientConnection),
}

impl Owner {
    /// Of a connection that a client's identity was shown on, or asked for.
    pub(in crate::client) fn alone(client: Option<&ClientConnection>) -> Self {
        client.map_or(Self::Nobody, |client| Self::One(client.downgrade()))
    }
}
