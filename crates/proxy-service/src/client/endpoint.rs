//! Where a `ProxyService` and its client meet.

use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::pool::ConnectionCounts;
use crate::target::Target;

/// One upstream, and the place for its client's pool: it is made by the first request and ends with the service, so that
/// no table of pools has to be searched, or grows.
pub(crate) struct Endpoint {
    target: Arc<Target>,
    pool: OnceLock<Box<dyn AnyPool>>,
    is_retired: AtomicBool,
}

/// The pool of an endpoint, which lies above it.
pub(super) trait AnyPool: Any + Send + Sync {
    fn counts(&self) -> ConnectionCounts;
    fn close_idle(&self);
}

impl Endpoint {
    pub(crate) fn new(target: Arc<Target>) -> Self {
        Self { target, pool: OnceLock::new(), is_retired: AtomicBool::new(false) }
    }

    /// For one request: nothing that is made for it can be used again.
    pub(super) fn for_once(target: Arc<Target>) -> Self {
        Self { is_retired: AtomicBool::new(true), ..Self::new(target) }
    }

    pub(crate) fn target(&self) -> &Arc<Target> {
        &self.target
    }

    pub(crate) fn counts(&self) -> ConnectionCounts {
        self.pool.get().map(|pool| pool.counts()).unwrap_or_default()
    }

    /// Nothing more will be sent there but what is under way: idle connections are closed, others when they become idle.
    pub(crate) fn retire(&self) {
        self.is_retired.store(true, Ordering::Release);
        if let Some(pool) = self.pool.get() {
            pool.close_idle();
        }
    }

    pub(super) fn is_retired(&self) -> bool {
        self.is_retired.load(Ordering::Acquire)
    }

    /// Its client's pool, if it has been made.
    pub(super) fn pool(&self) -> Option<&dyn AnyPool> {
        self.pool.get().map(|pool| &**pool)
    }

    /// Its client's pool.
    pub(super) fn pool_or(&self, make: impl FnOnce() -> Box<dyn AnyPool>) -> &dyn AnyPool {
        &**self.pool.get_or_init(make)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("target", &self.target).finish_non_exhaustive()
    }
}
