//! Connections that are bound to a client, while they are idle.
//!
//! A task holds each of them. It notices at once when the connection ends, when the client ends, and when the
//! connection is to be closed. The connection keeps its turn, because an upgrade may take it out of the pool. If
//! other requests need a turn, the connection is closed once it has been idle for longer than a step of a handshake
//! takes.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use super::super::bound::{ClientConnection, Idle, Owner, Wanted, WeakClientConnection};
use super::super::connection::Connection;
use super::super::endpoint::Endpoint;
use super::Pool;
use super::bound::Counted;
use super::room::Room;

/// How long a connection is kept for the next step of its client while other requests need a turn.
const STEP: Duration = Duration::from_millis(250);

impl Pool {
    /// Takes the connection that is bound to this client, if it is open and idle.
    pub(in crate::client) async fn take_own(
        &self,
        client: Option<&ClientConnection>,
        endpoint: &Arc<Endpoint>,
    ) -> Option<Box<Connection>> {
        let mut connection = client?.take(endpoint).await?;
        connection.wear.note_use();
        if let Some((_, shard)) = self.here() {
            shard.counts.note_reuse();
        }
        Some(connection)
    }

    /// Keeps a connection for the client that it is bound to. Closes it if that client has ended, if the connection
    /// is spent, or if it belongs to another runtime.
    pub(in crate::client) fn keep_for(
        &self,
        client: WeakClientConnection,
        connection: Box<Connection>,
        endpoint: &Arc<Endpoint>,
    ) {
        let owner = connection.owner();
        let is_at_home = self.here().is_some_and(|(index, _)| connection.home() == Some(index));
        let Some(client) = client.upgrade().filter(|_| is_at_home && !connection.is_spent()) else { return };
        let (idle, wanted) = Idle::new();
        let kept = Kept { connection, counted: self.bound.note_idle() };
        tokio::spawn(keep(kept, wanted, Arc::clone(endpoint)));
        if owner == Owner::Client {
            client.bind_to(endpoint);
        }
        client.leave(idle, endpoint);
    }
}

struct Kept {
    connection: Box<Connection>,
    counted: Counted,
}

/// Holds a connection until it is wanted, has ended or is to be closed.
async fn keep(kept: Kept, wanted: Wanted, endpoint: Arc<Endpoint>) {
    let Some(pool) = Pool::at(&endpoint) else { return };
    let Kept { mut connection, counted } = kept;
    let closing = pin!(pool.bound.closing());
    if endpoint.is_retired() {
        return;
    }
    let taken = tokio::select! {
        biased;
        // None if the client has ended.
        hand = wanted => hand.ok(),
        () = connection.ended() => None,
        () = closing => None,
        () = tokio::time::sleep(pool.client.keeping.idle_timeout) => None,
        () = needed(pool.room.as_ref()) => None,
    };
    drop(counted);
    if let Some(hand) = taken {
        let _closed_if_nobody_waits_any_more = hand.send(connection);
    }
}

async fn needed(room: Option<&Room>) {
    let Some(room) = room else { return std::future::pending().await };
    tokio::time::sleep(STEP).await;
    room.needed().await;
}
