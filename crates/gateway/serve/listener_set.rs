//! `ListenerSet`: the listeners that serve, of which some may come and others go.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::bound::{BindError, Bound};
use super::directory::{Directory, Open, Place};
use super::door::Door;
use super::listeners::Listeners;
use super::listening::{Listening, Unregistered};
use super::tally::{Attendance, Tally};
use super::{Report, Shutdown, WorkersError};
use crate::config::{Address, Listen};

/// Serves at one door, until its shutdown is over.
pub(crate) type Serve = dyn Fn(Door) -> Pin<Box<dyn Future<Output = Report> + Send>> + Send + Sync;

/// The listeners that serve. Clones are the same set. It is changed by one caller at a time.
#[derive(Clone)]
pub(crate) struct ListenerSet(Arc<Shared>);

struct Shared {
    runtimes: Vec<Handle>,
    serve: Box<Serve>,
    shutdown: Shutdown,
    directory: Directory,
    tally: Tally,
}

/// A change of the set that is ready. Dropping it changes nothing.
#[must_use]
pub(crate) struct Change {
    kept: Vec<Arc<Open>>,
    fresh: Vec<Fresh>,
}

/// A listener whose sockets are open and registered, and that doesn't serve yet.
struct Fresh {
    listen: Listen,
    places: Vec<Place>,
    doors: Vec<(usize, Arc<Listening>)>,
}

/// Stops what serves when it is dropped.
pub(crate) struct Serving(ListenerSet);

impl ListenerSet {
    /// Serves the listeners on these runtimes, one for each worker, until the shutdown is over.
    pub(crate) fn start(
        listeners: Listeners,
        runtimes: Vec<Handle>,
        serve: Box<Serve>,
        shutdown: Shutdown,
    ) -> io::Result<(Self, Serving)> {
        let Listeners { bound, directory, .. } = listeners;
        let shared = Shared { runtimes, serve, shutdown, directory, tally: Tally::default() };
        let set = Self(Arc::new(shared));
        let fresh = bound.into_iter().map(|bound| set.register(bound)).collect::<io::Result<_>>()?;
        set.commit(Change { kept: Vec::new(), fresh }, Duration::ZERO);
        Ok((set.clone(), Serving(set)))
    }

    /// Opens the sockets of the listeners that are new. One that only serves in another way keeps its sockets, and with
    /// them the connections that wait in them. How it speaks TLS isn't the set's affair.
    ///
    /// # Errors
    /// The first address that can't be listened on. Nothing has changed then.
    pub(crate) fn prepare(&self, wanted: &[Listen]) -> Result<Change, BindError> {
        let mut current = self.0.directory.all();
        let mut take = |is_wanted: &dyn Fn(&Open) -> bool| {
            let found = current.iter().position(|open| is_wanted(open))?;
            Some(current.swap_remove(found))
        };
        let (mut kept, mut new) = (Vec::new(), Vec::new());
        for listen in wanted {
            match take(&|open| open.listen.serves_as(listen)) {
                Some(open) => kept.push(open),
                None => new.push(listen),
            }
        }
        let mut fresh = Vec::new();
        for listen in new {
            let failed = |error| BindError::new(listen.address.clone(), error);
            let bound = match take(&|open| open.listen.address == listen.address) {
                Some(open) => open.bound_again(listen.clone()).map_err(failed)?,
                None => Bound::bind(listen.clone(), self.workers())?,
            };
            fresh.push(self.register(bound).map_err(failed)?);
        }
        Ok(Change { kept, fresh })
    }

    /// Begins to serve the listeners that are new. Those that are gone accept nothing more, and end their connections
    /// within `drain`, and the time that a shutdown may take.
    pub(crate) fn commit(&self, change: Change, drain: Duration) {
        let Change { kept, fresh } = change;
        let gone = self.0.directory.all();
        let gone = gone.iter().filter(|open| !kept.iter().any(|kept| Arc::ptr_eq(kept, open)));
        let gone: Vec<Shutdown> = gone.map(|open| open.shutdown.clone()).collect();
        let fresh = fresh.into_iter().map(|fresh| Arc::new(self.serve(fresh)));
        self.0.directory.replace(kept.into_iter().chain(fresh).collect());
        for shutdown in gone {
            shutdown.retire();
            if let Some(runtime) = self.0.runtimes.first() {
                runtime.spawn(async move {
                    sleep(drain).await;
                    shutdown.begin();
                });
            }
        }
    }

    /// Where the listeners are, with real ports and resolved names.
    pub(crate) fn places(&self) -> Vec<(Listen, Address)> {
        let open = self.0.directory.all();
        let places =
            open.iter().flat_map(|open| open.places.iter().map(|place| (&open.listen, &place.address)));
        places.map(|(listen, address)| (listen.clone(), address.clone())).collect()
    }

    fn workers(&self) -> std::num::NonZeroUsize {
        self.0.runtimes.len().try_into().unwrap_or(std::num::NonZeroUsize::MIN)
    }

    /// Registers each socket with a worker, and each worker with a socket of each place.
    fn register(&self, bound: Bound) -> io::Result<Fresh> {
        let mut fresh = Fresh { listen: bound.listen, places: Vec::new(), doors: Vec::new() };
        for sockets in bound.places {
            let mut registered = Vec::new();
            for (index, socket) in spread(sockets.each, self.0.runtimes.len())?.into_iter().enumerate() {
                let worker = index % self.0.runtimes.len().max(1);
                let Some(runtime) = self.0.runtimes.get(worker) else { continue };
                let _with = runtime.enter();
                let listening = Arc::new(socket.register()?);
                registered.push(Arc::downgrade(&listening));
                fresh.doors.push((worker, listening));
            }
            fresh.places.push(Place { address: sockets.address, sockets: registered, file: sockets.file });
        }
        Ok(fresh)
    }

    fn serve(&self, fresh: Fresh) -> Open {
        let Fresh { listen, places, doors } = fresh;
        let shutdown = Shutdown::new();
        let tasks = doors.into_iter().filter_map(|(worker, listening)| {
            let door = Door { listening, listen: listen.clone(), shutdown: shutdown.clone() };
            Some(self.attend(self.0.runtimes.get(worker)?, door))
        });
        let tasks = tasks.collect();
        Open { listen, places, shutdown, tasks }
    }

    /// Serves at a door. If that panics, the shutdown begins for all others, since the gateway would otherwise go on with
    /// only a part of its workers.
    fn attend(&self, runtime: &Handle, door: Door) -> AbortHandle {
        let (gateway, of_this) = (self.0.shutdown.clone(), door.shutdown.clone());
        let attendance = Attendance::begin(&self.0.tally, gateway.clone());
        let serving = (self.0.serve)(door);
        let task = runtime.spawn(async move {
            let attendance = attendance;
            tokio::select! {
                report = serving => attendance.end(report),
                () = of_this.follow(&gateway) => {}
            }
        });
        task.abort_handle()
    }
}

/// At least as many sockets as there are workers. If there are fewer, several workers accept from the same one.
fn spread(mut each: Vec<Unregistered>, workers: usize) -> io::Result<Vec<Unregistered>> {
    let clones = each.iter().cycle().take(workers.saturating_sub(each.len()));
    let clones = clones.map(Unregistered::try_clone).collect::<io::Result<Vec<_>>>()?;
    each.extend(clones);
    Ok(each)
}

impl Serving {
    /// Waits until the shutdown has begun and all listeners have ended.
    pub(crate) async fn ended(&self) -> Result<Report, WorkersError> {
        let Shared { tally, shutdown, .. } = &*self.0.0;
        shutdown.closed_to_newcomers().await;
        tally.all_ended().await
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        for open in self.0.0.directory.replace(Vec::new()) {
            open.tasks.iter().for_each(AbortHandle::abort);
        }
    }
}

impl fmt::Debug for ListenerSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListenerSet").field("directory", &self.0.directory).finish_non_exhaustive()
    }
}
