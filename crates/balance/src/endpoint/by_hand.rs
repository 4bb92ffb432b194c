//! What somebody who operates the pool does to an endpoint.

use std::time::Duration;

use super::{Endpoint, PAUSED};
use crate::sync::Ordering;

impl<S> Endpoint<S> {
    /// It takes no new request from here on, until it is resumed.
    pub(crate) fn pause(&self) {
        let ward = &self.shared.ward;
        if !self.is_paused() {
            self.turned.store(ward.now().as_nanos(), Ordering::Relaxed);
            self.condition.was_paused(ward);
        }
        self.admission.fetch_or(PAUSED, Ordering::AcqRel);
    }

    /// Ends a pause, and an ejection.
    ///
    /// The endpoint may take requests as soon as the bit is gone, so its condition is that of one that is back before.
    pub(crate) fn resume(&self) {
        let ward = &self.shared.ward;
        if self.is_paused() {
            self.condition.was_resumed(ward);
            self.admission.fetch_and(!PAUSED, Ordering::AcqRel);
        } else {
            self.condition.end_ejection(ward);
        }
    }

    /// Returns whether it did: it doesn't if the endpoint is closed.
    pub(crate) fn eject(&self, time: Duration) -> bool {
        self.condition.set_aside(&self.shared.ward, time)
    }
}
