//! What requests, probes and dials report about an endpoint.

use super::Endpoint;
#[cfg(feature = "probes")]
use crate::health::Ejection;
use crate::{
    health::{Fault, Pass, Sent},
    outcome::Outcome,
    sync::Ordering,
};

/// The result of the probes.
#[cfg(feature = "probes")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Up,
    Down,
}

impl<S> Endpoint<S> {
    /// The endpoint failed to become ready, so no request was sent to it. Like any other failure, this ends a
    /// trial.
    pub(crate) fn report_not_sent(&self, outcome: Outcome, would_be: Sent) {
        let trial = match would_be {
            Sent::OnTrial => self.condition.claim_trial(&self.shared.ward),
            Sent::Normally | Sent::AsLastResort => None,
        };
        self.report(outcome, trial.unwrap_or_else(|| self.condition.pass(Sent::Normally)));
    }

    /// Reports the outcome of a request. If it brings the endpoint back, requests that wait at other endpoints are
    /// woken. If it ejects the endpoint, the task that dials is woken.
    pub(crate) fn report(&self, outcome: Outcome, pass: Pass) {
        match outcome {
            Outcome::Success => {
                self.is_brought_back_by(pass);
            }
            Outcome::Failure => self.report_failure(pass, Fault::Other),
            Outcome::Unreachable => self.report_failure(pass, Fault::Connecting),
            Outcome::Neutral if pass.sent == Sent::OnTrial => {
                self.condition.abandon_trial(&self.shared.ward, pass);
            }
            Outcome::Neutral => {}
        }
    }

    /// A request succeeded. Returns whether that brought an ejected endpoint back.
    pub(crate) fn is_brought_back_by(&self, pass: Pass) -> bool {
        let is_back = self.condition.succeeded(&self.shared.ward, pass);
        if is_back {
            self.shared.changed.notify_waiters();
        }
        is_back
    }

    fn report_failure(&self, pass: Pass, fault: Fault) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.late_failures.add(self.shared.ward.now());
        if self.condition.failed(&self.shared.ward, pass, fault) {
            self.shared.ejected.notify_waiters();
        }
    }
}

#[cfg(feature = "probes")]
impl<S> Endpoint<S> {
    pub(crate) fn turn(&self, to: Turn) {
        let ward = &self.shared.ward;
        if to == Turn::Down && !self.is_down() {
            self.down_since.store(ward.now().as_nanos(), Ordering::Relaxed);
        }
        self.is_down.store(to == Turn::Down, Ordering::Relaxed);
        match to {
            Turn::Up => self.condition.came_up(ward),
            Turn::Down => self.condition.went_down(ward),
        }
    }

    /// Whether `ejection` is still the present one.
    pub(crate) fn is_in(&self, ejection: Ejection) -> bool {
        self.condition.ejection().is_some_and(|present| present.life == ejection.life)
    }

    /// A dial during `ejection` could connect. If that ends the ejection, requests that wait at other endpoints are
    /// woken.
    pub(crate) fn was_reached(&self, ejection: Ejection) {
        if self.condition.was_reached(&self.shared.ward, ejection.life) {
            self.shared.changed.notify_waiters();
        }
    }

    /// A dial during `ejection` could not connect.
    pub(crate) fn was_not_reached(&self, ejection: Ejection) {
        self.condition.was_not_reached(&self.shared.ward, ejection.life);
    }
}
