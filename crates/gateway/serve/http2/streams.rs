//! Counts the streams of an HTTP/2 connection. A connection without any is idle.

use std::sync::Arc;

use super::activity::{Activity, Resetter};

/// A stream whose request isn't answered yet.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl InFlight {
    pub(super) fn begin(activity: &Arc<Activity>) -> Self {
        activity.stream_began();
        Self(Arc::clone(activity))
    }

    /// The stream was reset before its answer was sent.
    pub(super) fn was_reset(&self, by: Resetter) {
        self.0.stream_was_reset(by);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.stream_ended();
    }
}
