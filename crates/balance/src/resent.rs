use crate::sync::{AtomicU64, Ordering};

/// How often requests of a pool were sent to a further endpoint.
#[derive(Default)]
pub(crate) struct Resent {
    retries: AtomicU64,
    failovers: AtomicU64,
    hedges: AtomicU64,
    /// Hedges whose second endpoint answered first.
    won: AtomicU64,
}

/// How a request came to be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Retry,
    Failover,
    Hedge,
}

impl Resent {
    pub(crate) fn note(&self, by: By) {
        let count = match by {
            By::Retry => &self.retries,
            By::Failover => &self.failovers,
            By::Hedge => &self.hedges,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn note_won(&self) {
        self.won.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    pub(crate) fn failovers(&self) -> u64 {
        self.failovers.load(Ordering::Relaxed)
    }

    pub(crate) fn hedges(&self) -> u64 {
        self.hedges.load(Ordering::Relaxed)
    }

    pub(crate) fn won(&self) -> u64 {
        self.won.load(Ordering::Relaxed)
    }
}
