//! What a search remembers.

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

/// One request's search for an endpoint that is healthy, has room and is ready.
///
/// It is empty and allocates nothing as long as the first pick takes the request.
pub(crate) struct Search<S> {
    /// Endpoints that failed this request, or are slow to answer it. It must not be sent to them again.
    pub(super) failed: Vec<Arc<Endpoint<S>>>,
    /// The error of the endpoint that last failed to become ready.
    pub(super) error: Option<BoxError>,
    /// Clones that were not ready, and will wake this task.
    pub(super) waiting: Vec<Candidate<S>>,
    /// The standard by which endpoints were last asked.
    pub(super) standard: Standard,
    /// Whether an endpoint was left out that a lower standard would admit.
    pub(super) left_out: bool,
    /// Whether an endpoint didn't take the request only because it is full.
    pub(super) met_full: bool,
    /// The place in the pool's queue.
    pub(super) queued: Option<Waiting>,
    pub(super) patience: Patience,
    /// The generation of the set whose endpoints were all asked.
    pub(super) searched: Option<u64>,
    pub(super) changed: Option<Pin<Box<Notified>>>,
    pub(super) skips: Skips,
    /// How many endpoints the request was sent to.
    pub(crate) tries: u32,
    /// The last of the standards by which endpoints are asked.
    pub(super) lowest: Standard,
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
            tries: 0,
            lowest: Standard::AnyAtAll,
        }
    }

    /// Leaves ejected endpoints out, even if there is no other.
    pub(crate) fn spare_ejected(&mut self) {
        self.lowest = Standard::SlowStart;
    }

    /// Starts to remember which endpoints are skipped.
    pub(crate) fn note_skips(&mut self) {
        self.skips.begin();
    }

    /// The endpoints that were skipped, if they were to be remembered.
    pub(crate) fn take_skips(&mut self) -> Option<Vec<Skipped>> {
        self.skips.take()
    }

    /// Whether there is an endpoint other than `endpoint` that is `fit` and that didn't fail this request.
    pub(crate) fn has_other_than<P: ?Sized>(
        &self,
        endpoint: &Arc<Endpoint<S>>,
        pool: &Pool<S, P>,
        fit: impl Fn(&Endpoint<S>) -> bool,
    ) -> bool {
        let is_other =
            |other: &Arc<Endpoint<S>>| !Arc::ptr_eq(other, endpoint) && fit(other) && !self.has_failed(other);
        pool.set().of_all_tiers().endpoints().iter().any(is_other)
    }

    /// Leaves `endpoint` out from here on, and asks the others again.
    pub(crate) fn exclude(&mut self, endpoint: Arc<Endpoint<S>>, index: usize, why: Why) {
        self.skips.note(&endpoint, index, why);
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
