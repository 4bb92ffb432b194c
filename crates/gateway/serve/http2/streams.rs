//! Counts the streams of an HTTP/2 connection. A connection without any is idle.

use std::sync::Arc;

use super::activity::Activity;

/// A stream whose request isn't answered yet.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl InFlight {
    pub(super) fn begin(activity: &Arc<Activity>) -> Self {
        activity.stream_began();
        Self(Arc::clone(activity))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.stream_ended();
    }
}
