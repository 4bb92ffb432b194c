use crate::sync::{AtomicU64, Ordering};

/// How often requests of a pool were sent to a further endpoint.
#[derive(Default)]
pub(crate) struct Resent {
    retries: AtomicU64,
    failovers: AtomicU64,
}

/// How a request came to be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Retry,
    Failover,
}

impl Resent {
    pub(crate) fn note(&self, by: By) {
        let count = match by {
            By::Retry => &self.retries,
            By::Failover => &self.failovers,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    pub(crate) fn failovers(&self) -> u64 {
        self.failovers.load(Ordering::Relaxed)
    }
}
