//! Which client a request belongs to.

use std::sync::Arc;

use super::super::endpoint::Endpoint;
use super::{ClientConnection, Ends};

/// Which client a request belongs to, as far as that matters for binding connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    /// The client connection that the request came over, if the server reports it.
    pub(crate) client: Option<ClientConnection>,
    /// Whether the request carries credentials that are bound to the connection.
    pub(crate) is_shown: bool,
}

impl Identity {
    /// Whether the request may need the connection that is bound to its client.
    pub(in crate::client) fn binds(&self) -> bool {
        self.is_shown || self.client.as_ref().is_some_and(ClientConnection::is_bound)
    }

    /// What an upstream that expects the PROXY protocol is told. Nothing is said of a client that isn't known.
    pub(in crate::client) fn ends(&self) -> Option<Ends> {
        self.client.as_ref().and_then(ClientConnection::ends)
    }

    /// Whether the request is a step of a handshake that may have begun with that endpoint. If so, no other endpoint
    /// can go on with it.
    pub(crate) fn is_tied_to(&self, endpoint: &Arc<Endpoint>) -> bool {
        self.is_shown && self.client.as_ref().is_some_and(|client| client.is_bound_to(endpoint))
    }
}
