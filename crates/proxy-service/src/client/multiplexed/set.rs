//! One runtime's connections to an endpoint.

use std::error::Error;
use std::pin::pin;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::mpsc::WeakSender;

use super::super::error::ClientError;
use super::super::no_room::NoRoom;
use super::super::waiting::Patience;
use super::common::Common;
use super::connection::{Connection, Place};
use super::flight::{Flight, Landing};
use super::load::Load;

/// The most connections in one set. With 100 streams on each (the default), one runtime can have 3200 requests under
/// way to an endpoint.
const CONNECTIONS: usize = 32;

/// One runtime's connections to an endpoint: a bounded set that is read without a lock.
#[derive(Default)]
pub(in crate::client) struct Set {
    connections: ArcSwap<Vec<Arc<Connection>>>,
    flight: Arc<Flight>,
    common: Arc<Common>,
}

impl Set {
    pub(super) fn new_load(&self, asks: WeakSender<()>) -> Arc<Load> {
        Load::new(&self.common, asks)
    }

    /// Takes a place on the fullest connection that has room. So the connections that aren't needed become idle, and
    /// are closed. Spreading the requests evenly would not make them faster: all connections of a set are on one
    /// runtime, and so share its processor time.
    pub(in crate::client) fn enter(&self) -> Option<Place> {
        let connections = self.connections.load();
        loop {
            let with_room = connections.iter().filter(|connection| connection.load().has_room());
            let fullest = with_room.max_by_key(|connection| connection.load().in_flight())?;
            if let Some(place) = fullest.enter() {
                return Some(place);
            }
        }
    }

    /// Takes a place on the newest connection that has room.
    pub(in crate::client) fn enter_newest(&self) -> Option<Place> {
        self.connections.load().iter().rev().find_map(|connection| connection.enter())
    }

    /// Waits until it is worth calling [`enter`](Self::enter) again: until a connection has room, or until one more
    /// connection was made if the set isn't full. `dial` spawns the dial of that connection, unless one is under way
    /// already.
    ///
    /// # Errors
    /// If the connection could not be made, or there was no room for as long as a request may wait for it.
    pub(in crate::client) async fn wait(
        &self,
        patience: &mut Patience,
        dial: impl FnOnce(Landing),
    ) -> Result<(), ClientError> {
        let mut room = pin!(self.common.room.notified());
        room.as_mut().enable();
        if self.has_room() {
            return Ok(());
        }
        if self.is_full() {
            return patience.wait(room).await.map_err(ClientError::unsent);
        }
        let renewed = tokio::select! {
            biased;
            () = room => return Ok(()),
            renewed = self.renew(patience, dial) => renewed,
        };
        match renewed {
            // The dial has waited in vain for as long as a request may. A request that began to wait after the dial did
            // has some time left.
            Err(error) if waited_in_vain(&error) && !patience.is_over() => Ok(()),
            renewed => renewed,
        }
    }

    /// Waits for one more connection, unless the set is full.
    ///
    /// # Errors
    /// If the connection could not be made, or if the upstream ended the last ones before they took a request.
    pub(in crate::client) async fn renew(
        &self,
        patience: &mut Patience,
        dial: impl FnOnce(Landing),
    ) -> Result<(), ClientError> {
        if self.is_full() {
            return Ok(());
        }
        self.common.outlook.check()?;
        Flight::join(&self.flight, patience, dial).await
    }

    /// Adds a connection, unless the set is full; says whether it was added.
    pub(in crate::client) fn add(&self, connection: Arc<Connection>) -> bool {
        let mut is_in = false;
        self.connections.rcu(|connections| {
            let mut with_it = remaining(connections, |other| !other.load().is_retired());
            is_in = with_it.len() < CONNECTIONS;
            if is_in {
                with_it.push(Arc::clone(&connection));
            }
            with_it
        });
        self.common.room.notify_waiters();
        is_in
    }

    pub(super) fn remove_retired(&self) {
        self.connections
            .rcu(|connections| remaining(connections, |connection| !connection.load().is_retired()));
        self.common.room.notify_waiters();
    }

    /// Retires and removes the connections that are too old, or have had no request for `rounds` rounds of the reaper.
    /// Requests that are under way on them go on.
    pub(in crate::client) fn reap(&self, rounds: u32) {
        for connection in self.connections.load().iter().filter(|connection| !connection.outlasts(rounds)) {
            connection.load().retire();
        }
        if self.connections.load().iter().any(|connection| connection.load().is_retired()) {
            self.remove_retired();
        }
    }

    /// Removes all connections. Requests that are under way on them go on.
    pub(in crate::client) fn close(&self) {
        self.connections.store(Arc::default());
    }

    /// Retires and removes the connection with the fewest requests, so that another runtime may have one; says whether
    /// there was one.
    pub(in crate::client) fn give_up_one(&self) -> bool {
        let connections = self.connections.load();
        let in_use = connections.iter().filter(|connection| !connection.load().is_retired());
        let Some(least) = in_use.min_by_key(|connection| connection.load().in_flight()) else { return false };
        least.load().retire();
        self.remove_retired();
        true
    }

    pub(in crate::client) fn is_empty(&self) -> bool {
        self.connections.load().is_empty()
    }

    /// How many connections have no request.
    pub(in crate::client) fn idle(&self) -> usize {
        self.connections.load().iter().filter(|connection| connection.load().in_flight() == 0).count()
    }

    fn has_room(&self) -> bool {
        self.connections.load().iter().any(|connection| connection.load().has_room())
    }

    /// Whether there are as many connections as there may be.
    pub(in crate::client) fn is_full(&self) -> bool {
        self.connections.load().iter().filter(|connection| !connection.load().is_retired()).count()
            >= CONNECTIONS
    }
}

fn waited_in_vain(error: &(dyn Error + 'static)) -> bool {
    match error.downcast_ref::<NoRoom>() {
        Some(no_room) => *no_room == NoRoom::QueueTimeout,
        None => error.source().is_some_and(waited_in_vain),
    }
}

fn remaining<T>(all: &[Arc<T>], stays: impl Fn(&T) -> bool) -> Vec<Arc<T>> {
    all.iter().filter(|one| stays(one)).cloned().collect()
}
