//! An endpoint, which a `ProxyService` and its client share.

use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::pool::ConnectionCounts;
use crate::failures::FailureCounts;
use crate::target::Target;

/// One upstream, and the slot for its client's pool. The pool is made by the first request, and ends with the
/// service. So there is no table of pools that would have to be searched and could grow.
pub(crate) struct Endpoint {
    target: Arc<Target>,
    pool: OnceLock<Box<dyn AnyPool>>,
    is_retired: AtomicBool,
    failures: FailureCounts,
}

/// What an endpoint needs of its pool. The pool is defined in a module that uses this one, so its type can't be named
/// here.
pub(super) trait AnyPool: Any + Send + Sync {
    fn counts(&self) -> ConnectionCounts;
    fn close_idle(&self);
}

impl Endpoint {
    pub(crate) fn new(target: Arc<Target>) -> Self {
        Self {
            target,
            pool: OnceLock::new(),
            is_retired: AtomicBool::new(false),
            failures: FailureCounts::default(),
        }
    }

    /// An endpoint for one request. It is retired from the start, so a connection that is opened for it is never used
    /// again.
    pub(super) fn for_once(target: Arc<Target>) -> Self {
        Self { is_retired: AtomicBool::new(true), ..Self::new(target) }
    }

    pub(crate) fn target(&self) -> &Arc<Target> {
        &self.target
    }

    pub(crate) fn failures(&self) -> &FailureCounts {
        &self.failures
    }

    pub(crate) fn counts(&self) -> ConnectionCounts {
        self.pool.get().map(|pool| pool.counts()).unwrap_or_default()
    }

    /// Ends the use of the endpoint: only the requests that are under way go on. Idle connections are closed now, and
    /// the others when they become idle.
    pub(crate) fn retire(&self) {
        self.is_retired.store(true, Ordering::Release);
        if let Some(pool) = self.pool.get() {
            pool.close_idle();
        }
    }

    pub(super) fn is_retired(&self) -> bool {
        self.is_retired.load(Ordering::Acquire)
    }

    /// The pool of its client, if it has been made.
    pub(super) fn pool(&self) -> Option<&dyn AnyPool> {
        self.pool.get().map(|pool| &**pool)
    }

    /// The pool of its client. If there is none yet, it is made.
    pub(super) fn pool_or(&self, make: impl FnOnce() -> Box<dyn AnyPool>) -> &dyn AnyPool {
        &**self.pool.get_or_init(make)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("target", &self.target).finish_non_exhaustive()
    }
}
