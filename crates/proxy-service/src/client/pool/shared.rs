//! A pool's HTTP/2 connections, which requests share, and the first connection of an endpoint, of which it isn't
//! known yet whether it speaks HTTP/2.

use std::sync::Arc;

use tokio::time::Instant;

use super::super::endpoint::Endpoint;
use super::super::error::ClientError;
use super::super::multiplexed::{self, Landing, Place};
use super::super::steps;
use super::super::waiting::Patience;
use super::room::Room;
use super::shard::Shard;
use super::{Opened, Pool};

/// Whether a request may go on any connection, or needs one that is opened after it came. If no more may be opened,
/// the request goes on the newest that has room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::client) enum Age {
    Any,
    New,
}

impl Pool {
    /// A place on an HTTP/2 connection. None if the endpoint speaks HTTP/1.
    ///
    /// # Errors
    /// If a connection had to be opened and could not be, or if no connection had room for as long as a request may
    /// wait.
    pub(in crate::client) async fn place(
        &self,
        endpoint: &Arc<Endpoint>,
        age: Age,
    ) -> Result<Option<Place>, ClientError> {
        let dial = |landing| drop(tokio::spawn(dial_for_all(Arc::clone(endpoint), landing)));
        if self.spoken.is_http1() {
            return Ok(None);
        }
        let Some((_, shard)) = self.here() else { return Ok(None) };
        let mut patience = Patience::new(self.client.limit.timeout);
        if age == Age::New {
            shard.multiplexed.renew(&mut patience, &dial).await?;
            if let Some(place) = shard.multiplexed.enter_newest() {
                return Ok(Some(place));
            }
        }
        if let Some(place) = shard.enter() {
            return Ok(Some(place));
        }
        let begun = Instant::now();
        while !self.spoken.is_http1() {
            let waited = shard.multiplexed.wait(&mut patience, &dial).await;
            steps::note_connect(begun.elapsed());
            waited?;
            if let Some(place) = shard.enter() {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// Takes a place on a new connection, and adds the connection to those that requests share, if there is room for
    /// it.
    pub(in crate::client) fn share(
        &self,
        connection: Arc<multiplexed::Connection>,
        endpoint: &Arc<Endpoint>,
    ) -> Option<Place> {
        let place = connection.enter();
        if let Some((_, shard)) = self.here() {
            self.add(connection, shard, endpoint);
        }
        place
    }

    /// If all turns are taken, makes another runtime give up an HTTP/2 connection. Such a connection has its turn for
    /// as long as it is open, even without requests. So this runtime might never get one.
    fn ask_for_room(&self, here: &Shard) {
        if self.room.as_ref().is_some_and(Room::is_full) {
            let mut others = self.shards.iter().filter(|shard| !std::ptr::eq(*shard, here));
            let _there_may_be_none = others.any(|shard| shard.multiplexed.give_up_one());
        }
    }

    fn add(&self, connection: Arc<multiplexed::Connection>, shard: &Shard, endpoint: &Arc<Endpoint>) {
        if shard.multiplexed.add(connection) {
            self.wake_reaper(shard, endpoint);
        }
    }
}

impl Shard {
    fn enter(&self) -> Option<Place> {
        let place = self.multiplexed.enter()?;
        if place.is_reused() {
            self.counts.note_reuse();
        }
        Some(place)
    }
}

/// Opens a connection for all requests that wait, and puts it where connections of its protocol are kept.
async fn dial_for_all(endpoint: Arc<Endpoint>, landing: Landing) {
    let Some((pool, shard)) = Pool::at(&endpoint).and_then(|pool| Some((pool, pool.here()?.1))) else {
        return;
    };
    if shard.multiplexed.is_full() {
        return;
    }
    pool.ask_for_room(shard);
    let connected = async {
        let turn = landing.in_line(pool.turn()).await?;
        pool.connect(endpoint.target(), turn).await
    };
    match connected.await {
        Ok(Opened::Http1(connection)) => pool.keep(connection, &endpoint),
        Ok(Opened::Http2(connection)) => pool.add(connection, shard, &endpoint),
        Err(error) => landing.failed(error),
    }
}
