//! Whose a request is.

use std::sync::Arc;

use super::super::endpoint::Endpoint;
use super::ClientConnection;

/// Whose a request is, as far as that binds connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    /// What it came over, if the server says so.
    pub(crate) client: Option<ClientConnection>,
    /// Whether it shows credentials that are for the connection.
    pub(crate) is_shown: bool,
}

impl Identity {
    /// Whether the connection that it goes on may have to be its client's own.
    pub(in crate::client) fn binds(&self) -> bool {
        self.is_shown || self.client.as_ref().is_some_and(ClientConnection::is_bound)
    }

    /// Whether it is a step of a handshake that may have begun with that endpoint, and with no other.
    pub(crate) fn is_tied_to(&self, endpoint: &Arc<Endpoint>) -> bool {
        self.is_shown && self.client.as_ref().is_some_and(|client| client.is_bound_to(endpoint))
    }
}
