//! Where a connection goes when its request has been answered.

use std::sync::Arc;

use super::super::bound::{ClientConnection, Owner, WeakClientConnection};
use super::super::connection::Connection;
use super::super::endpoint::Endpoint;
use super::Pool;

/// Where a connection goes when its request has been answered.
pub(in crate::client) struct Home {
    endpoint: Arc<Endpoint>,
    /// The client connection that the connection is bound to.
    client: Option<WeakClientConnection>,
}

impl Home {
    pub(in crate::client) fn new(endpoint: Arc<Endpoint>, client: Option<&ClientConnection>) -> Self {
        Self { endpoint, client: client.map(ClientConnection::downgrade) }
    }

    /// Keeps the connection if it can be used again, and closes it otherwise.
    pub(in crate::client) fn take_back(self, connection: Box<Connection>) {
        let Some(pool) = Pool::at(&self.endpoint).filter(|_| connection.is_reusable()) else { return };
        match (connection.owner(), self.client) {
            (Owner::Anybody, _) => pool.keep(connection, &self.endpoint),
            (Owner::Client | Owner::Introduced, Some(client)) => {
                pool.keep_for(client, connection, &self.endpoint)
            }
            (Owner::Client | Owner::Introduced, None) | (Owner::Nobody, _) => {}
        }
    }
}
