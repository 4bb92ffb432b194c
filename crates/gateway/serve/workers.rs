//! Workers: several threads that serve, each with a single-threaded runtime and listening sockets of its own.

use std::fmt;
use std::future::Future;
use std::io;
use std::ops::Deref;
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::error;

use super::{Listeners, Listening, Report, Shutdown};
use crate::config::Listen;

/// The runtimes of all workers. The first is the caller's own; the others run on threads of their own until this is
/// dropped.
///
/// They go on running after their listeners have ended, because tunnels may still be open, and because a request of one
/// worker may use an upstream connection of another.
#[derive(Debug)]
pub(crate) struct Workers {
    places: Vec<Place>,
    threads: Vec<JoinHandle<()>>,
    stop: watch::Sender<()>,
}

/// A listening socket on its worker.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) listening: Listening,
    /// The listener that it belongs to.
    pub(crate) listen: Listen,
}

/// A door, and the runtime that its socket is registered with.
#[derive(Debug)]
struct Place {
    runtime: Handle,
    door: Door,
}

impl Workers {
    /// Starts so many workers as the listeners are for: the first in the caller's runtime, each of the others on a thread
    /// of its own.
    pub(crate) fn start(listeners: Listeners) -> io::Result<Self> {
        let mut workers = Self { places: Vec::new(), threads: Vec::new(), stop: watch::Sender::new(()) };
        let mut runtimes = vec![Handle::current()];
        for _ in 1..listeners.workers.get() {
            runtimes.push(workers.add()?);
        }
        for bound in listeners.bound {
            for sockets in bound.places {
                for (socket, runtime) in sockets.each.into_iter().zip(&runtimes) {
                    let _with = runtime.enter();
                    let door = Door { listening: socket.register()?, listen: bound.listen.clone() };
                    workers.places.push(Place { runtime: runtime.clone(), door });
                }
            }
        }
        Ok(workers)
    }

    fn add(&mut self) -> io::Result<Handle> {
        let runtime = DroppedInBackground(Some(Builder::new_current_thread().enable_all().build()?));
        let handle = runtime.handle().clone();
        let mut stop = self.stop.subscribe();
        let name = format!("worker-{}", self.threads.len() + 1);
        let drive = move || drop(runtime.block_on(stop.changed()));
        self.threads.push(thread::Builder::new().name(name).spawn(drive)?);
        Ok(handle)
    }

    /// Calls `serve` with each door, on its worker, and waits for all of them. If one panics, the shutdown begins
    /// for the others, since the gateway would otherwise go on with only a part of its workers.
    pub(crate) async fn serve<Served>(
        &mut self,
        serve: impl Fn(Door) -> Served,
        shutdown: &Shutdown,
    ) -> Result<Report, WorkersError>
    where
        Served: Future<Output = Report> + Send + 'static,
    {
        let mut serving = JoinSet::new();
        for Place { runtime, door } in self.places.drain(..) {
            serving.spawn_on(serve(door), &runtime);
        }
        let (mut report, mut has_panicked) = (Report::default(), false);
        while let Some(ended) = serving.join_next().await {
            match ended {
                Ok(served) => report += served,
                Err(panic) => {
                    error!(%panic, "a worker panicked: shutting down");
                    has_panicked = true;
                    shutdown.begin();
                }
            }
        }
        if has_panicked { Err(WorkersError::Panicked(report)) } else { Ok(report) }
    }
}

impl Drop for Workers {
    /// Stops the runtimes, and waits for their threads. These end at once.
    fn drop(&mut self) {
        let _nobody_left = self.stop.send(());
        for thread in self.threads.drain(..) {
            // An error means that the runtime itself panicked, which `serve` has reported.
            let _panicked = thread.join();
        }
    }
}

/// A runtime that ends at once when it is dropped. Dropping tokio's own would wait for DNS lookups, and would panic
/// inside another runtime.
struct DroppedInBackground(Option<Runtime>);

impl Deref for DroppedInBackground {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        self.0.as_ref().expect("taken only when it is dropped")
    }
}

impl Drop for DroppedInBackground {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Why a gateway with several workers can't serve, or has stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum WorkersError {
    /// The thread or the runtime of a worker couldn't be started. Nothing was served.
    Start(io::Error),
    /// At least one worker panicked outside of a connection, and lost its connections at once. The others shut down in
    /// order, with this report.
    Panicked(Report),
}

impl fmt::Display for WorkersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start(_) => "a worker can't be started",
            Self::Panicked(_) => "a worker panicked",
        })
    }
}

impl std::error::Error for WorkersError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start(error) => Some(error),
            Self::Panicked(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
