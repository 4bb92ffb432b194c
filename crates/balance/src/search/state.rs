use std::{pin::Pin, sync::Arc};

use super::{candidate::Candidate, skips::Skips, standard::Standard};
use crate::{
    endpoint::Endpoint,
    error::BoxError,
    picked::{Skipped, Why},
    pool::Pool,
    queue::{Patience, Waiting},
    sync::Notified,
};

/// One request's search for an endpoint that is well, has room and is ready.
///
/// Empty, and without an allocation, for as long as the first pick is all that.
pub(crate) struct Search<S> {
    /// Endpoints that this request must not be sent to (again).
    pub(super) failed: Vec<Arc<Endpoint<S>>>,
    /// The last error of an endpoint that was asked for readiness.
    pub(super) error: Option<BoxError>,
    /// Clones that were not ready and hold our waker.
    pub(super) waiting: Vec<Candidate<S>>,
    /// What the last look made do with.
    pub(super) standard: Standard,
    /// Whether anybody was left out by it who would do by a lower one.
    pub(super) left_out: bool,
    /// Whether an endpoint would have taken the request but for its limit.
    pub(super) met_full: bool,
    /// The place in the queue for endpoints that are full.
    pub(super) queued: Option<Waiting>,
    pub(super) patience: Patience,
    /// The set that has been asked through, by its generation.
    pub(super) searched: Option<u64>,
    pub(super) changed: Option<Pin<Box<Notified>>>,
    pub(super) skips: Skips,
}

impl<S> Search<S> {
    pub(crate) fn new() -> Self {
        Self {
            failed: Vec::new(),
            error: None,
            waiting: Vec::new(),
            standard: Standard::Well,
            left_out: false,
            met_full: false,
            queued: None,
            patience: Patience::default(),
            searched: None,
            changed: None,
            skips: Skips::default(),
        }
    }

    /// Remembers who is skipped from here on.
    pub(crate) fn note_skips(&mut self) {
        self.skips.begin();
    }

    /// Who was skipped so far, if that was to be remembered.
    pub(crate) fn take_skips(&mut self) -> Option<Vec<Skipped>> {
        self.skips.take()
    }

    /// Whether there is a `fit` endpoint besides `endpoint` that this request has not been sent to.
    pub(crate) fn has_other_than<P: ?Sized>(
        &self,
        endpoint: &Arc<Endpoint<S>>,
        pool: &Pool<S, P>,
        fit: impl Fn(&Endpoint<S>) -> bool,
    ) -> bool {
        let is_other =
            |other: &Arc<Endpoint<S>>| !Arc::ptr_eq(other, endpoint) && fit(other) && !self.has_failed(other);
        pool.set().endpoints().iter().any(is_other)
    }

    /// Leaves `endpoint` out from here on, and starts over.
    pub(crate) fn exclude(&mut self, endpoint: Arc<Endpoint<S>>, index: usize) {
        self.skips.note(&endpoint, index, Why::Failed);
        self.failed.push(endpoint);
        self.searched = None;
        if let Some(queued) = &mut self.queued {
            queued.step_aside();
        }
    }

    pub(super) fn has_failed(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        self.failed.iter().any(|failed| Arc::ptr_eq(failed, endpoint))
    }

    pub(super) fn is_waiting_for(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        self.waiting.iter().any(|waiting| Arc::ptr_eq(&waiting.endpoint, endpoint))
    }
}
