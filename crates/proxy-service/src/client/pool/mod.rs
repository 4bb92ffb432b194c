//! The connections that wait for the next request.

mod bound;
mod counts;
mod home;
mod lease;
mod own;
mod per_runtime;
mod reaper;
mod room;
mod rounds;
mod shard;
mod shared;
mod spoken;
mod stack;
mod wear;

use std::any::Any;
use std::sync::Arc;

use tokio::time::Instant;

use self::bound::Bound;
pub use self::counts::ConnectionCounts;
pub(super) use self::home::Home;
use self::lease::Lease;
pub(super) use self::lease::{Leased, Lodging};
use self::per_runtime::PerRuntime;
pub(super) use self::room::{Limit, Turn};
use self::room::{Place, Room};
use self::shard::Shard;
pub(super) use self::shared::Age;
use self::spoken::Spoken;
pub(super) use self::wear::{Keeping, Wear};
use super::bound::Ends;
use super::connection::Connection;
use super::dial::{Dialer, Protocol, Transport};
use super::endpoint::{AnyPool, Endpoint};
use super::error::{ClientError, Diagnosis};
use super::multiplexed;
use super::options::Options;
use super::steps;
use crate::target::Target;

/// The connections of one endpoint. A connection is only used on the runtime that it was opened on, because its
/// socket belongs to that runtime. If each worker has a runtime of its own, the workers share nothing here.
pub(super) struct Pool {
    client: Arc<Options>,
    shards: PerRuntime<Shard>,
    spoken: Spoken,
    /// None if there is no limit.
    room: Option<Room>,
    bound: Bound,
}

/// A new connection, by the protocol that was agreed on.
pub(super) enum Opened {
    Http1(Box<Connection>),
    Http2(Arc<multiplexed::Connection>),
}

impl Pool {
    pub(super) fn new(client: Arc<Options>, target: &Target) -> Self {
        let spoken = Spoken::before_the_first(client.protocols, target);
        let room = Room::of(client.limit);
        Self { client, shards: PerRuntime::new(), spoken, room, bound: Bound::default() }
    }

    /// This client's pool for an endpoint. None if another client has made the pool of this endpoint: that can happen
    /// if a service switches between two clients.
    pub(super) fn of<'a>(endpoint: &'a Endpoint, client: &Arc<Options>) -> Option<&'a Self> {
        endpoint.pool_or(|| Box::new(Self::new(Arc::clone(client), endpoint.target())));
        Self::at(endpoint).filter(|pool| Arc::ptr_eq(&pool.client, client))
    }

    /// The pool of an endpoint, if one has been made.
    pub(super) fn at(endpoint: &Endpoint) -> Option<&Self> {
        let pool: &dyn Any = endpoint.pool()?;
        pool.downcast_ref()
    }

    /// Waits for permission to take or to open a connection. None if there is no limit, because then no permission is
    /// needed.
    pub(super) async fn turn(&self) -> Result<Option<Turn>, ClientError> {
        match &self.room {
            Some(room) => room.turn().await.map(Some).map_err(ClientError::unsent),
            None => Ok(None),
        }
    }

    /// Takes the connection that became idle last. So connections that aren't needed stay idle until they are closed.
    pub(super) fn take(&self) -> Option<Box<Connection>> {
        let (_, shard) = self.here()?;
        let mut connection = std::iter::from_fn(|| shard.idle.pop()).find_map(Connection::alive)?;
        connection.wear.note_use();
        shard.counts.note_reuse();
        Some(connection)
    }

    /// Opens a connection.
    pub(super) async fn connect(&self, target: &Target, turn: Option<Turn>) -> Result<Opened, ClientError> {
        let in_http1 = self.client.http1_dialer.as_ref().filter(|_| self.spoken.is_http1_wanted());
        let dialer = in_http1.unwrap_or(&self.client.dialer);
        let (transport, home) = self.dial(dialer, target, None).await?;
        let protocol = transport.stream().protocol();
        self.spoken.note(protocol);
        match protocol {
            Protocol::Http1 => {
                let mut connection = self.speak_http1(transport, home);
                connection.begin_turn(turn);
                Ok(Opened::Http1(connection))
            }
            Protocol::Http2 => self.speak_http2(transport, turn).await.map(Opened::Http2),
        }
    }

    /// Whether each connection begins with the address of a client, and so is for that client alone.
    pub(super) fn introduces_clients(&self) -> bool {
        self.client.dialer.introduces_clients()
    }

    /// Opens a connection for a request that only HTTP/1 can carry, or that is for the client between these ends. The turn lasts until the connection is closed,
    /// because an upgrade may take the connection out of the pool. If this client doesn't speak HTTP/1, the error is
    /// `unavailable`.
    pub(super) async fn connect_in_http1(
        &self,
        target: &Target,
        ends: Option<Ends>,
        turn: Option<Turn>,
        unavailable: Diagnosis,
    ) -> Result<Box<Connection>, ClientError> {
        let Some(dialer) = &self.client.http1_dialer else {
            return Err(ClientError::on_fresh_connection(unavailable));
        };
        let (transport, home) = self.dial(dialer, target, ends).await?;
        if let Some((turn, lodging)) = turn.zip(transport.lodging()) {
            lodging.keep(turn);
        }
        Ok(self.speak_http1(transport, home))
    }

    /// Records that the endpoint asks for HTTP/1.1. Says whether this client can speak that.
    pub(in crate::client) fn want_http1(&self) -> bool {
        let can_have_it = self.client.http1_dialer.is_some();
        if can_have_it {
            self.spoken.want_http1();
        }
        can_have_it
    }

    async fn dial(
        &self,
        dialer: &Dialer,
        target: &Target,
        ends: Option<Ends>,
    ) -> Result<(Leased<Transport>, Option<usize>), ClientError> {
        let place = self.free_place().await;
        let (home, counts) = self.here().map(|(index, shard)| (index, &shard.counts)).unzip();
        let lease = Lease::new(counts, place);
        let begun = Instant::now();
        let dialed = dialer.dial(target, ends).await;
        steps::note_connect(begun.elapsed());
        let transport = dialed.map_err(|error| {
            self.client.on_failed_dial.tell();
            ClientError::unsent(error)
        })?;
        if let Some(counts) = counts.filter(|_| transport.is_encrypted()) {
            counts.note_handshake();
        }
        Ok((Leased::new(transport, lease), home))
    }

    fn speak_http1(&self, transport: Leased<Transport>, home: Option<usize>) -> Box<Connection> {
        let wear = Wear::new(&self.client.keeping);
        Box::new(Connection::new(transport, home, wear, self.client.answers, self.client.header_case))
    }

    async fn speak_http2(
        &self,
        transport: Leased<Transport>,
        turn: Option<Turn>,
    ) -> Result<Arc<multiplexed::Connection>, ClientError> {
        let set = self.here().map_or_else(Arc::default, |(_, shard)| Arc::clone(&shard.multiplexed));
        multiplexed::open(transport, &set, &self.client, turn).await.map_err(ClientError::unsent)
    }

    /// If there is a limit, takes a free place. If no place is free, closes an idle connection for it.
    async fn free_place(&self) -> Option<Place> {
        let close_idle = || self.shards.iter().any(|shard| shard.idle.pop().is_some());
        match &self.room {
            Some(room) => Some(room.place(close_idle).await),
            None => None,
        }
    }

    fn here(&self) -> Option<(usize, &Shard)> {
        self.shards.here(|| Shard::new(self.client.keeping.max_idle))
    }
}

impl AnyPool for Pool {
    fn counts(&self) -> ConnectionCounts {
        let open: ConnectionCounts = self.shards.iter().map(Shard::counts).sum();
        let waiting = self.room.as_ref().map_or(0, Room::waiting);
        ConnectionCounts { waiting, idle: open.idle + self.bound.idle(), ..open }
    }

    fn close_idle(&self) {
        self.bound.close();
        for shard in self.shards.iter() {
            shard.close_idle();
            shard.multiplexed.close();
        }
    }
}
