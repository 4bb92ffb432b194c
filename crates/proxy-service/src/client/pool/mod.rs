//! Connections that wait for the next request.

mod counts;
mod per_runtime;
mod reaper;
mod stack;
mod wear;

use std::sync::Arc;

pub use self::counts::ConnectionCounts;
use self::counts::Counts;
pub(super) use self::counts::Lease;
use self::per_runtime::PerRuntime;
use self::reaper::Reaper;
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
}

struct Shard<B: Payload> {
    idle: Stack<Connection<B>>,
    counts: Arc<Counts>,
    reaper: Reaper,
}

impl<B: Payload> Pool<B> {
    pub(super) fn new(client: Arc<Options>) -> Self {
        Self { client, shards: PerRuntime::new() }
    }

    pub(super) fn belongs_to(&self, client: &Arc<Options>) -> bool {
        Arc::ptr_eq(&self.client, client)
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
        let lease = match self.here() {
            Some((index, shard)) => Lease::of_shard(index, &shard.counts),
            None => Lease::of_none(),
        };
        let connecting = Box::pin(self.client.connector.connect(target));
        let transport = connecting.await.map_err(ClientError::unsent)?;
        let wear = Wear::new(&self.client.keeping);
        Connection::open(transport, lease, wear).await.map_err(ClientError::unsent)
    }

    /// Keeps a connection that is idle, unless it is worn out or there are enough.
    pub(super) fn keep(&self, mut connection: Box<Connection<B>>, endpoint: &Arc<Endpoint>) {
        let shard = connection.lease().shard().and_then(|index| self.shards.get(index));
        let Some(shard) = shard.filter(|_| !connection.wear.is_worn_out()) else { return };
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
        self.shards.iter().map(|shard| shard.counts.read(shard.idle.len())).sum()
    }
}
