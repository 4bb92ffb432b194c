use std::{fmt, sync::Arc, time::Duration};

use crate::{
    clock::Moment,
    endpoint::{Endpoint, Refused},
    health::{Pass, Sent},
    outcome::Outcome,
};

/// A request in flight at an endpoint. It ends when this is dropped.
///
/// If this is dropped without a report, the request says nothing about the endpoint's health: the client left.
pub struct InFlight<S> {
    endpoint: Arc<Endpoint<S>>,
    /// `None` once the outcome was reported.
    pass: Option<Pass>,
    /// When the request was sent. `None` if it is not timed, or was answered.
    timed_from: Option<Moment>,
}

impl<S> InFlight<S> {
    /// Begins a request, unless the endpoint refuses it.
    pub(crate) fn begin(endpoint: &Arc<Endpoint<S>>, sent: Sent) -> Result<Self, Refused> {
        let pass = endpoint.admit(sent)?;
        Ok(Self { endpoint: Arc::clone(endpoint), pass: Some(pass), timed_from: None })
    }

    /// The endpoint that the request was sent to.
    pub fn endpoint(&self) -> &Arc<Endpoint<S>> {
        &self.endpoint
    }

    /// Reports how the request went. Only the first report counts.
    pub fn report(&mut self, outcome: Outcome) {
        if let Some(pass) = self.pass.take() {
            self.endpoint.report(outcome, pass);
        }
    }

    /// The head of the response was good. That ends a trial, which needn't wait for the end of a long body.
    pub(crate) fn settle_trial(&mut self) {
        if let Some(pass) = self.pass.take_if(|pass| pass.sent != Sent::Normally)
            && self.endpoint.is_brought_back_by(pass)
        {
            self.pass = Some(self.endpoint.condition.pass(Sent::Normally));
        }
    }

    /// Begins to measure how long the answer takes.
    pub(crate) fn time(&mut self) {
        self.timed_from = Some(self.now());
    }

    /// Notes the time that the answer took, if it is measured. A failure counts as `penalty` if it was faster than
    /// that. A request that ends without an outcome, as when the client left, would have taken longer: it can raise
    /// the average and never lowers it, so that an endpoint which hangs doesn't look fast.
    pub(crate) fn observe(&mut self, outcome: Outcome, penalty: Option<Duration>) {
        let Some(from) = self.timed_from.take() else { return };
        let (now, latency) = (self.now(), &self.endpoint.latency);
        let took = now.since(from);
        match outcome {
            Outcome::Success => latency.observe(now, took),
            Outcome::Failure | Outcome::Unreachable => {
                latency.observe(now, took.max(penalty.unwrap_or_default()));
            }
            Outcome::Neutral => latency.observe_at_least(now, took),
        }
    }

    fn now(&self) -> Moment {
        self.endpoint.shared().ward.now()
    }
}

impl<S> Drop for InFlight<S> {
    fn drop(&mut self) {
        self.observe(Outcome::Neutral, None);
        self.report(Outcome::Neutral);
        self.endpoint.end();
    }
}

impl<S> fmt::Debug for InFlight<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
