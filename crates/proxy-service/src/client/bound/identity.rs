//! Whose a request is.

use std::sync::Arc;

use http::request::Parts;

use super::super::endpoint::Endpoint;
use super::ClientConnection;
use crate::headers::connection_bound::has_connection_bound_credentials;
use crate::inbound::Inbound;
use crate::peer::Peer;

/// Whose a request is, as far as that binds connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    /// What it came over, if the server says so.
    pub(crate) client: Option<ClientConnection>,
    /// Whether it shows credentials that are for the connection.
    pub(crate) is_shown: bool,
}

impl Identity {
    pub(crate) fn of(parts: &Parts, inbound: &Inbound) -> Self {
        Self {
            client: parts.extensions.get::<Peer>().and_then(Peer::connection).cloned(),
            is_shown: inbound.has_credentials && has_connection_bound_credentials(&parts.headers),
        }
    }

    /// Whether the connection that it goes on may have to be its client's own.
    pub(in crate::client) fn binds(&self) -> bool {
        self.is_shown || self.client.as_ref().is_some_and(ClientConnection::is_bound)
    }

    /// Whether it is a step of a handshake that may have begun with that endpoint, and with no other.
    pub(crate) fn is_tied_to(&self, endpoint: &Arc<Endpoint>) -> bool {
        self.is_shown && self.client.as_ref().is_some_and(|client| client.is_bound_to(endpoint))
    }
}
