//! What a connection has been through.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use http::Extensions;
use hyper_util::client::legacy::connect::Connected;
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// What a connection has been through; travels with it.
#[derive(Clone, Debug)]
pub(super) struct History {
    made: Instant,
    answered: Arc<AtomicBool>,
    gone: Arc<Notify>,
}

impl History {
    pub(super) fn begin() -> Self {
        Self { made: Instant::now(), answered: Arc::default(), gone: Arc::default() }
    }

    pub(super) fn of(connection: &Connected) -> Option<Self> {
        let mut extensions = Extensions::new();
        connection.get_extras(&mut extensions);
        extensions.remove()
    }

    pub(super) fn note_answer(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    /// Tells the one request that an HTTP/1 connection can have, or the one that is still to find it in the pool.
    pub(super) fn note_end(&self) {
        self.gone.notify_one();
    }

    /// The end of the connection, which may lie in the past.
    pub(super) fn end(&self) -> OwnedNotified {
        Arc::clone(&self.gone).notified_owned()
    }

    /// Whether a request that began then found the connection in the pool, where it may have died: after an answer, or
    /// unused, since the pool opens one too many when an older one comes back first.
    pub(super) fn is_older_than(&self, request: Instant) -> bool {
        self.answered.load(Ordering::Relaxed) || self.made < request
    }

    pub(super) fn is_the_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.gone, &other.gone)
    }
}
