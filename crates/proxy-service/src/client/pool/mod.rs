//! Connections that wait for the next request.

mod counts;
mod lease;
mod per_runtime;
mod reaper;
mod room;
mod stack;
mod wear;

use std::sync::Arc;

pub use self::counts::ConnectionCounts;
use self::counts::Counts;
use self::lease::Lease;
pub(super) use self::lease::Leased;
use self::per_runtime::PerRuntime;
use self::reaper::Reaper;
pub(crate) use self::room::NoRoom;
pub(super) use self::room::{Limit, Turn};
use self::room::{Place, Room};
use self::stack::Stack;
pub(super) use self::wear::{Keeping, Wear};
use super::connection::Connection;
use super::endpoint::{AnyPool, Endpoint};
use super::error::ClientError;
use super::{Options, Payload};
use crate::target::Target;

/// One endpoint's connections. Those of one runtime are used on that runtime only, where their sockets are: with a runtime
/// a worker, workers share nothing here.
pub(super) struct Pool<B: Payload> {
    client: Arc<Options>,
    shards: PerRuntime<Shard<B>>,
    /// None if there is no limit.
    room: Option<Room>,
}

struct Shard<B: Payload> {
    idle: Stack<Connection<B>>,
    counts: Arc<Counts>,
    reaper: Reaper,
}

impl<B: Payload> Pool<B> {
    pub(super) fn new(client: Arc<Options>) -> Self {
        let room = Room::of(client.limit);
        Self { client, shards: PerRuntime::new(), room }
    }

    pub(super) fn belongs_to(&self, client: &Arc<Options>) -> bool {
        Arc::ptr_eq(&self.client, client)
    }

    /// Leave to take a connection, or to make one; none is needed without a limit.
    pub(super) async fn turn(&self) -> Result<Option<Turn>, ClientError> {
        match &self.room {
            Some(room) => room.turn().await.map(Some).map_err(ClientError::unsent),
            None => Ok(None),
        }
    }

    /// The connection that waits for the shortest time, so that those that aren't needed grow old.
    pub(super) fn take(&self) -> Option<Box<Connection<B>>> {
        let (_, shard) = self.here()?;
        let mut connection = shard.idle.pop()?;
        connection.wear.note_use();
        shard.counts.note_reuse();
        Some(connection)
    }

    /// A new connection.
    pub(super) async fn connect(&self, target: &Target) -> Result<Box<Connection<B>>, ClientError> {
        self.open(target, None).await
    }

    /// A new connection for one request. It has the turn for as long as it is open: an upgrade takes it away from here.
    pub(super) async fn connect_once(
        &self,
        target: &Target,
        turn: Option<Turn>,
    ) -> Result<Box<Connection<B>>, ClientError> {
        let mut connection = self.open(target, turn).await?;
        connection.wear.wear_out();
        Ok(connection)
    }

    async fn open(&self, target: &Target, turn: Option<Turn>) -> Result<Box<Connection<B>>, ClientError> {
        let place = self.place().await;
        let (home, counts) = self.here().map(|(index, shard)| (index, &shard.counts)).unzip();
        let lease = Lease::new(counts, place, turn);
        let connecting = Box::pin(self.client.connector.connect(target));
        let transport = connecting.await.map_err(ClientError::unsent)?;
        let wear = Wear::new(&self.client.keeping);
        Connection::open(Leased::new(transport, lease), home, wear).await.map_err(ClientError::unsent)
    }

    /// Where there is a limit: a free place, or that of an idle connection, which is closed for it.
    async fn place(&self) -> Option<Place> {
        let close_idle = || self.shards.iter().any(|shard| shard.idle.pop().is_some());
        match &self.room {
            Some(room) => Some(room.place(close_idle).await),
            None => None,
        }
    }

    /// Keeps a connection that is idle, unless it is worn out or there are enough. Its turn ends after that, so that the next
    /// in line finds it.
    pub(super) fn keep(&self, mut connection: Box<Connection<B>>, endpoint: &Arc<Endpoint>) {
        let shard = connection.home().and_then(|index| self.shards.get(index));
        let is_of_use = !connection.wear.is_worn_out() && !endpoint.is_retired();
        let Some(shard) = shard.filter(|_| is_of_use) else { return };
        let _turn = connection.end_turn();
        connection.wear.note_rest();
        if shard.idle.push(connection).is_ok() {
            shard.reaper.wake(|| reaper::run::<B>(Arc::downgrade(endpoint), self.client.keeping));
        }
    }

    fn here(&self) -> Option<(usize, &Shard<B>)> {
        self.shards.here(|| Shard {
            idle: Stack::new(self.client.keeping.max_idle),
            counts: Arc::default(),
            reaper: Reaper::default(),
        })
    }
}

impl<B: Payload> AnyPool for Pool<B> {
    fn counts(&self) -> ConnectionCounts {
        let open = self.shards.iter().map(|shard| shard.counts.read(shard.idle.len())).sum();
        ConnectionCounts { waiting: self.room.as_ref().map_or(0, Room::waiting), ..open }
    }

    fn close_idle(&self) {
        for shard in self.shards.iter() {
            shard.close_idle();
        }
    }
}
