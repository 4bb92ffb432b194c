//! Background tasks, such as probes, which run as long as the gateway serves.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

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

    /// Starts all tasks. They end when the returned set is dropped.
    #[must_use]
    pub(crate) fn spawn(self) -> JoinSet<()> {
        self.tasks.into_iter().collect()
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").field("tasks", &self.tasks.len()).finish()
    }
}
