//! One runtime's connections to an endpoint.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::Notify;

use super::super::error::ClientError;
use super::super::{NoRoom, Payload};
use super::connection::{Connection, Load, Place};
use super::flight::{Flight, Landing};

/// How many connections there are at most. With 100 streams each, a runtime has 3200 requests at an endpoint at a time.
const CONNECTIONS: usize = 32;

/// A bounded set of connections, read without a lock.
pub(in crate::client) struct Set<B: Payload> {
    connections: ArcSwap<Vec<Arc<Connection<B>>>>,
    flight: Arc<Flight>,
    room: Arc<Notify>,
}

impl<B: Payload> Default for Set<B> {
    fn default() -> Self {
        Self { connections: ArcSwap::default(), flight: Arc::default(), room: Arc::default() }
    }
}

impl<B: Payload> Set<B> {
    pub(super) fn new_load(&self) -> Arc<Load> {
        Load::new(&self.room)
    }

    /// A place on the fullest connection that has one, so that those that aren't needed fall idle and close. A set belongs to
    /// one runtime, so that spreading its requests would give none of them more of a processor.
    pub(in crate::client) fn enter(&self) -> Option<Place<B>> {
        let connections = self.connections.load();
        loop {
            let with_room = connections.iter().filter(|connection| connection.has_room());
            let fullest = with_room.max_by_key(|connection| connection.in_flight())?;
            if let Some(place) = fullest.enter() {
                return Some(place);
            }
        }
    }

    /// A place on the newest connection that has one.
    pub(in crate::client) fn enter_newest(&self) -> Option<Place<B>> {
        self.connections.load().iter().rev().find_map(|connection| connection.enter())
    }

    /// Waits until it may be worth trying to [`enter`](Self::enter): for room, and unless there are as many connections as there
    /// may be, for one more, which `dial` spawns the making of if none is being made.
    ///
    /// # Errors
    /// If that could not be made, or there was no room for as long as a request may wait for it.
    pub(in crate::client) async fn wait(
        &self,
        patience: Duration,
        dial: impl FnOnce(Landing),
    ) -> Result<(), ClientError> {
        let mut room = pin!(self.room.notified());
        room.as_mut().enable();
        if self.has_room() {
            return Ok(());
        }
        tokio::select! {
            biased;
            () = room => Ok(()),
            renewed = self.renew(dial), if !self.is_full() => renewed,
            () = tokio::time::sleep(patience), if self.is_full() => {
                Err(ClientError::unsent(NoRoom::QueueTimeout))
            }
        }
    }

    /// Waits for one more connection, unless there are as many as there may be.
    ///
    /// # Errors
    /// If it could not be made.
    pub(in crate::client) async fn renew(&self, dial: impl FnOnce(Landing)) -> Result<(), ClientError> {
        match self.is_full() {
            true => Ok(()),
            false => Flight::join(&self.flight, dial).await.map_err(ClientError::unsent),
        }
    }

    /// Adds a connection; says whether there was a place for it.
    pub(in crate::client) fn add(&self, connection: Connection<B>) -> bool {
        let connection = Arc::new(connection);
        let mut is_in = false;
        self.connections.rcu(|connections| {
            let mut with_it = remaining(connections, |other| !other.is_retired());
            is_in = with_it.len() < CONNECTIONS;
            if is_in {
                with_it.push(Arc::clone(&connection));
            }
            with_it
        });
        self.room.notify_waiters();
        is_in
    }

    pub(super) fn remove_retired(&self) {
        self.connections.rcu(|connections| remaining(connections, |connection| !connection.is_retired()));
        self.room.notify_waiters();
    }

    /// Lets go of what is too old, or has had nothing to do for so many rounds. What is under way on it goes on.
    pub(in crate::client) fn reap(&self, rounds: u32) {
        for connection in self.connections.load().iter().filter(|connection| !connection.outlasts(rounds)) {
            connection.load().retire();
        }
        if self.connections.load().iter().any(|connection| connection.is_retired()) {
            self.remove_retired();
        }
    }

    /// Lets go of all. What is under way on them goes on.
    pub(in crate::client) fn close(&self) {
        self.connections.store(Arc::default());
    }

    pub(in crate::client) fn is_empty(&self) -> bool {
        self.connections.load().is_empty()
    }

    /// How many have nothing to do.
    pub(in crate::client) fn idle(&self) -> usize {
        self.connections.load().iter().filter(|connection| connection.in_flight() == 0).count()
    }

    fn has_room(&self) -> bool {
        self.connections.load().iter().any(|connection| connection.has_room())
    }

    /// Whether there are as many as there may be.
    pub(in crate::client) fn is_full(&self) -> bool {
        self.connections.load().iter().filter(|connection| !connection.is_retired()).count() >= CONNECTIONS
    }
}

fn remaining<T>(all: &[Arc<T>], stays: impl Fn(&T) -> bool) -> Vec<Arc<T>> {
    all.iter().filter(|one| stays(one)).cloned().collect()
}
