use std::{fmt, sync::Arc};

use crate::{endpoint::Endpoint, health::Sent, outcome::Outcome};

/// One request in flight at an endpoint, until this is dropped.
///
/// Dropped without a report it has said nothing about the endpoint's health: the client left.
pub struct InFlight<S> {
    endpoint: Arc<Endpoint<S>>,
    sent: Sent,
    is_reported: bool,
}

impl<S> InFlight<S> {
    pub(crate) fn new(endpoint: Arc<Endpoint<S>>, sent: Sent) -> Self {
        Self { endpoint, sent, is_reported: false }
    }

    /// The endpoint that has the request.
    pub fn endpoint(&self) -> &Arc<Endpoint<S>> {
        &self.endpoint
    }

    /// Tells the endpoint's health how the request went; only the first report counts.
    pub fn report(&mut self, outcome: Outcome) {
        if !std::mem::replace(&mut self.is_reported, true) {
            self.endpoint.report(outcome, self.sent);
        }
    }

    /// The head of the response was good. That settles a trial: a long body needn't be waited for.
    pub(crate) fn settle_trial(&mut self) {
        if self.sent != Sent::Normally {
            self.endpoint.report(Outcome::Success, self.sent);
            self.sent = Sent::Normally;
        }
    }
}

impl<S> Drop for InFlight<S> {
    fn drop(&mut self) {
        self.report(Outcome::Neutral);
        self.endpoint.end();
    }
}

impl<S> fmt::Debug for InFlight<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
