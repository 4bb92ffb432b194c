use std::sync::Arc;

use crate::{endpoint::Endpoint, in_flight::InFlight};

/// An endpoint that is asked, with the clone of its service that is asked.
pub(super) struct Candidate<S> {
    pub(super) endpoint: Arc<Endpoint<S>>,
    pub(super) service: S,
    pub(super) index: usize,
    pub(super) version: u64,
}

impl<S: Clone> Candidate<S> {
    pub(super) fn of(endpoint: &Arc<Endpoint<S>>, index: usize, version: u64) -> Self {
        Self { endpoint: Arc::clone(endpoint), service: endpoint.service().clone(), index, version }
    }
}

/// An endpoint that took the request, with the clone of its service that said it is ready.
pub(crate) struct Found<S> {
    pub(crate) service: S,
    pub(crate) in_flight: InFlight<S>,
    pub(crate) index: usize,
    pub(crate) version: u64,
}
