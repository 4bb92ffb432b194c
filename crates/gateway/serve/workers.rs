//! Serving on several threads, each with a single-threaded runtime and a listener of its own.

use std::fmt;
use std::future::Future;
use std::io;
use std::thread::{self, JoinHandle};

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::error;

use super::{Listeners, Report, Shutdown};

/// Runtimes that run until this is dropped, but for the first, which is the caller's own.
///
/// They outlive what they serve: a tunnel ends later than that, and one worker's request may use another's connection.
#[derive(Debug)]
pub(crate) struct Workers {
    places: Vec<Place>,
    threads: Vec<JoinHandle<()>>,
    stop: watch::Sender<()>,
}

/// A listener, and the runtime that it is registered with.
#[derive(Debug)]
struct Place {
    runtime: Handle,
    listener: TcpListener,
}

impl Workers {
    /// One a listener: the first in the runtime that this is called in, each of the others in a thread of its own.
    pub(crate) fn start(listeners: Listeners) -> io::Result<Self> {
        let here = Place::new(Handle::current(), listeners.first)?;
        let mut workers = Self { places: vec![here], threads: Vec::new(), stop: watch::Sender::new(()) };
        for listener in listeners.others {
            workers.add(listener)?;
        }
        Ok(workers)
    }

    fn add(&mut self, listener: std::net::TcpListener) -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        self.places.push(Place::new(runtime.handle().clone(), listener)?);
        let stop = self.stop.subscribe();
        let name = format!("worker-{}", self.threads.len() + 1);
        self.threads.push(thread::Builder::new().name(name).spawn(move || drive(runtime, stop))?);
        Ok(())
    }

    /// Calls `serve` with each listener, and waits for all of what it returns. Where one panics, the others are told to
    /// shut down: a gateway that lost a part of itself answers a part of its clients only.
    pub(crate) async fn serve<Served>(
        &mut self,
        serve: impl Fn(TcpListener) -> Served,
        shutdown: &Shutdown,
    ) -> Result<Report, WorkersError>
    where
        Served: Future<Output = Report> + Send + 'static,
    {
        let mut serving = JoinSet::new();
        for Place { runtime, listener } in self.places.drain(..) {
            serving.spawn_on(serve(listener), &runtime);
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
    /// Waits for the threads, which wait for nothing.
    fn drop(&mut self) {
        let _nobody_left = self.stop.send(());
        for thread in self.threads.drain(..) {
            // A panic of the runtime's own: whoever served there has been told.
            let _panicked = thread.join();
        }
    }
}

impl Place {
    fn new(runtime: Handle, listener: std::net::TcpListener) -> io::Result<Self> {
        let registered = {
            let _with = runtime.enter();
            TcpListener::from_std(listener)?
        };
        Ok(Self { runtime, listener: registered })
    }
}

fn drive(runtime: Runtime, mut stop: watch::Receiver<()>) {
    let _stopped = runtime.block_on(stop.changed());
    // Dropping it would wait for name lookups.
    runtime.shutdown_background();
}

/// Why a gateway with several workers doesn't serve, or no longer.
#[derive(Debug)]
#[non_exhaustive]
pub enum WorkersError {
    /// The system gives no thread or no runtime to one of them. Nothing was served.
    Start(io::Error),
    /// At least one of them panicked, outside of any connection. It lost its connections at once; the others shut
    /// down in order, with this result.
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
