//! Serving on several threads, each with a single-threaded runtime and a listener of its own.

use std::fmt;
use std::future::Future;
use std::io;
use std::ops::Deref;
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
        let runtime = Own(Some(Builder::new_current_thread().enable_all().build()?));
        let place = Place::new(runtime.handle().clone(), listener)?;
        let mut stop = self.stop.subscribe();
        let name = format!("worker-{}", self.threads.len() + 1);
        let drive = move || drop(runtime.block_on(stop.changed()));
        self.threads.push(thread::Builder::new().name(name).spawn(drive)?);
        self.places.push(place);
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

/// A runtime whose end waits for nothing: dropping tokio's own would wait for name lookups, and panics in another runtime.
struct Own(Option<Runtime>);

impl Deref for Own {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        self.0.as_ref().expect("taken only when it is dropped")
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
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
