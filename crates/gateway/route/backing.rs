//! What a route needs besides its configuration.

use std::sync::Arc;
use std::time::Duration;

use proxy_service::ForwardedHeaders;

use crate::config::{self, Errors};
use crate::gates::Gates;
use crate::observe::RouteMeter;
use crate::pools::Pool;
use crate::route::limits;
use crate::serve::Shutdown;
use crate::stay::Stay;

/// What a route needs besides its configuration.
pub(crate) struct Backing<'a> {
    /// The pools of the configuration, in its order.
    pub(crate) pools: &'a [(&'a config::Pool, &'a Pool)],
    pub(crate) gates: &'a Gates,
    pub(crate) stay: &'a Stay,
    pub(crate) meter: Arc<RouteMeter>,
    /// What clients read where something fails, for routes that say nothing of it.
    pub(crate) errors: Option<&'a Errors>,
    /// What is counted for the limits of all routes.
    pub(crate) limits: &'a limits::Kept,
    /// How long a request may take.
    pub(crate) deadline: Option<Duration>,
    /// In which headers upstreams are told who the client is.
    pub(crate) forwarded: ForwardedHeaders,
    /// The gateway's shutdown, and how long it may last.
    pub(crate) shutdown: (&'a Shutdown, Duration),
    pub(crate) purpose: Purpose,
}

/// What a generation is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To serve clients.
    Serving,
    /// To see what would happen to a request. Nothing may be counted, and nobody may be asked.
    Rehearsing,
}

impl Backing<'_> {
    pub(super) fn pool(&self, index: usize) -> Option<&Pool> {
        self.pools.get(index).map(|(_, pool)| *pool)
    }
}
