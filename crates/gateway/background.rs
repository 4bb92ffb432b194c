//! Background tasks, such as probes, which run as long as the gateway serves.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Background tasks that don't run yet.
#[derive(Default)]
pub(crate) struct Background {
    tasks: Vec<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Background {
    pub(crate) fn add(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.push(Box::pin(task));
    }

    pub(crate) fn add_all(&mut self, others: Self) {
        self.tasks.extend(others.tasks);
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").field("tasks", &self.tasks.len()).finish()
    }
}

/// Where background tasks run, and for how long.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    runtime: Handle,
    end: watch::Receiver<()>,
}

/// While this is there, background tasks may run.
#[derive(Debug)]
pub(crate) struct Lease(#[expect(dead_code, reason = "its end is what tasks wait for")] watch::Sender<()>);

impl Ground {
    /// The runtime of the caller.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub(crate) fn here() -> (Self, Lease) {
        let lease = watch::Sender::new(());
        (Self { runtime: Handle::current(), end: lease.subscribe() }, Lease(lease))
    }

    /// Whether the lease has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.end.has_changed().is_err()
    }

    /// Starts the tasks. They end when the returned set is dropped, and with the lease.
    #[must_use]
    pub(crate) fn run(&self, background: Background) -> JoinSet<()> {
        let mut running = JoinSet::new();
        self.run_all_in(&mut running, background);
        running
    }

    /// Starts the tasks in a set.
    pub(crate) fn run_all_in(&self, running: &mut JoinSet<()>, background: Background) {
        for task in background.tasks {
            self.run_in(running, task);
        }
    }

    /// Starts a task in a set.
    pub(crate) fn run_in(&self, running: &mut JoinSet<()>, task: impl Future<Output = ()> + Send + 'static) {
        let mut end = self.end.clone();
        let until_the_end = async move {
            tokio::select! {
                () = task => {}
                _ended = end.changed() => {}
            }
        };
        running.spawn_on(until_the_end, &self.runtime);
    }
}
