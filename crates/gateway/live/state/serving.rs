//! What a gateway that serves has beside its configuration.

use std::fmt;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::background::Ground;
use crate::live::departed::Departed;
use crate::live::surface::Surface;
use crate::serve::ListenerSet;

pub(super) struct Serving {
    pub(super) ground: Ground,
    /// Makes this the generation that is current.
    pub(super) publish: Box<dyn Fn(Surface) + Send + Sync>,
    /// The listeners, if their sockets were opened by the gateway.
    pub(super) listeners: Option<ListenerSet>,
    /// What reads the sources of the program's own, tells the log of changes in health, looks after the certificates of
    /// the listeners, and ends the rest of routes and upstreams that are gone.
    pub(super) tasks: JoinSet<()>,
}

impl Serving {
    pub(super) fn see_off(&mut self, departed: Departed, drain: Duration) {
        while self.tasks.try_join_next().is_some() {}
        if !departed.is_empty() {
            self.ground.run_in(&mut self.tasks, departed.end_after(drain));
        }
    }
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving")
            .field("ground", &self.ground)
            .field("tasks", &self.tasks)
            .finish_non_exhaustive()
    }
}
