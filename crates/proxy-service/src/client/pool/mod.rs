//! Connections that wait for the next request.

mod counts;
mod per_runtime;
mod reaper;
mod shared;
mod spoken;
mod stack;
mod wear;

use std::sync::Arc;

pub use self::counts::ConnectionCounts;
use self::counts::Counts;
pub(super) use self::counts::Lease;
use self::per_runtime::PerRuntime;
use self::reaper::Reaper;
pub(super) use self::shared::Age;
use self::spoken::Spoken;
use self::stack::Stack;
pub(super) use self::wear::{Keeping, Wear};
use super::connection::Connection;
use super::dial::{Dialer, Protocol};
use super::endpoint::{AnyPool, Endpoint};
use super::error::{ClientError, Diagnosis};
use super::multiplexed;
use super::{Options, Payload};
use crate::error::ErrorKind;
use crate::target::Target;

/// One endpoint's connections. Those of one runtime are used on that runtime only, where their sockets are: with a runtime
/// a worker, workers share nothing here.
pub(super) struct Pool<B: Payload> {
    client: Arc<Options>,
    shards: PerRuntime<Shard<B>>,
    spoken: Spoken,
}

struct Shard<B: Payload> {
    idle: Stack<Connection<B>>,
    multiplexed: Arc<multiplexed::Set<B>>,
    counts: Arc<Counts>,
    reaper: Reaper,
}

/// A new connection, which speaks what it was agreed to.
pub(super) enum Opened<B: Payload> {
    Http1(Box<Connection<B>>),
    Http2(multiplexed::Connection<B>),
}

const NO_HTTP_1: Diagnosis = Diagnosis::new(
    ErrorKind::UpgradeUnavailable,
    "an upgrade takes HTTP/1.1, and this client is to speak HTTP/2 alone",
);

impl<B: Payload> Pool<B> {
    pub(super) fn new(client: Arc<Options>, target: &Target) -> Self {
        let spoken = Spoken::before_the_first(client.protocols, target);
        Self { client, shards: PerRuntime::new(), spoken }
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
    pub(super) async fn connect(&self, target: &Target) -> Result<Opened<B>, ClientError> {
        let opened = self.open(&self.client.dialer, target).await?;
        self.spoken.note(match opened {
            Opened::Http1(_) => Protocol::Http1,
            Opened::Http2(_) => Protocol::Http2,
        });
        Ok(opened)
    }

    /// A new connection for a request that only HTTP/1 can say.
    pub(super) async fn connect_in_http1(&self, target: &Target) -> Result<Box<Connection<B>>, ClientError> {
        let unavailable = || ClientError::on_fresh_connection(NO_HTTP_1);
        let dialer = self.client.http1_dialer.as_ref().ok_or_else(unavailable)?;
        match self.open(dialer, target).await? {
            Opened::Http1(connection) => Ok(connection),
            Opened::Http2(_) => Err(unavailable()),
        }
    }

    async fn open(&self, dialer: &Dialer, target: &Target) -> Result<Opened<B>, ClientError> {
        let (lease, set) = match self.here() {
            Some((index, shard)) => (Lease::of_shard(index, &shard.counts), Arc::clone(&shard.multiplexed)),
            None => (Lease::of_none(), Arc::new(multiplexed::Set::new())),
        };
        let transport = Box::pin(dialer.dial(target)).await.map_err(ClientError::unsent)?;
        match transport.protocol() {
            Protocol::Http1 => {
                let wear = Wear::new(&self.client.keeping);
                let connection = Connection::open(transport, lease, wear).await;
                connection.map(Opened::Http1).map_err(ClientError::unsent)
            }
            Protocol::Http2 => {
                let connection = multiplexed::open(transport, &set, &self.client, lease).await;
                connection.map(Opened::Http2).map_err(ClientError::unsent)
            }
        }
    }

    /// Keeps a connection that is idle, unless it is worn out or there are enough.
    pub(super) fn keep(&self, mut connection: Box<Connection<B>>, endpoint: &Arc<Endpoint>) {
        let shard = connection.lease().shard().and_then(|index| self.shards.get(index));
        let Some(shard) = shard.filter(|_| !connection.wear.is_worn_out()) else { return };
        connection.wear.note_rest();
        if shard.idle.push(connection).is_ok() {
            self.wake_reaper(shard, endpoint);
        }
    }

    fn wake_reaper(&self, shard: &Shard<B>, endpoint: &Arc<Endpoint>) {
        shard.reaper.wake(|| reaper::run::<B>(Arc::downgrade(endpoint), self.client.keeping));
    }

    fn here(&self) -> Option<(usize, &Shard<B>)> {
        self.shards.here(|| Shard {
            idle: Stack::new(self.client.keeping.max_idle),
            multiplexed: Arc::new(multiplexed::Set::new()),
            counts: Arc::default(),
            reaper: Reaper::default(),
        })
    }
}

impl<B: Payload> AnyPool for Pool<B> {
    fn counts(&self) -> ConnectionCounts {
        self.shards.iter().map(Shard::counts).sum()
    }
}

impl<B: Payload> Shard<B> {
    fn is_empty(&self) -> bool {
        self.idle.is_empty() && self.multiplexed.is_empty()
    }

    fn counts(&self) -> ConnectionCounts {
        self.counts.read(self.idle.len() + self.multiplexed.idle())
    }
}
