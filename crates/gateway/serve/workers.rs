//! Workers: several threads that serve, each with a single-threaded runtime and listening sockets of its own.

use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;

use super::Report;

/// The runtimes of all workers. The first is the caller's own; the others run on threads of their own until this is
/// dropped.
///
/// They go on running after their listeners have ended, because tunnels may still be open, and because a request of one
/// worker may use an upstream connection of another.
#[derive(Debug)]
pub(crate) struct Workers {
    runtimes: Vec<Handle>,
    threads: Vec<JoinHandle<()>>,
    stop: watch::Sender<()>,
}

impl Workers {
    /// Starts so many workers: the first in the caller's runtime, each of the others on a thread of its own.
    pub(crate) fn start(count: NonZeroUsize) -> io::Result<Self> {
        let here = Handle::current();
        let mut workers = Self { runtimes: vec![here], threads: Vec::new(), stop: watch::Sender::new(()) };
        for number in 1..count.get() {
            workers.add(format!("worker-{number}"))?;
        }
        Ok(workers)
    }

    /// Starts one worker, on a thread of its own with this name.
    pub(crate) fn apart(name: &str) -> io::Result<Self> {
        let mut worker = Self { runtimes: Vec::new(), threads: Vec::new(), stop: watch::Sender::new(()) };
        worker.add(name.to_owned())?;
        Ok(worker)
    }

    /// The runtime of each worker.
    pub(crate) fn runtimes(&self) -> Vec<Handle> {
        self.runtimes.clone()
    }

    fn add(&mut self, name: String) -> io::Result<()> {
        let runtime = DroppedInBackground(Some(Builder::new_current_thread().enable_all().build()?));
        let handle = runtime.handle().clone();
        let mut stop = self.stop.subscribe();
        let drive = move || drop(runtime.block_on(stop.changed()));
        self.threads.push(thread::Builder::new().name(name).spawn(drive)?);
        self.runtimes.push(handle);
        Ok(())
    }
}

impl Drop for Workers {
    /// Stops the runtimes, and waits for their threads. These end at once.
    fn drop(&mut self) {
        let _nobody_left = self.stop.send(());
        for thread in self.threads.drain(..) {
            // An error means that the runtime itself panicked, which the log says.
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
