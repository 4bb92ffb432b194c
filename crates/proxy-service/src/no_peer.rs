//! The warning that nobody says who sends the requests.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::target::Target;
use crate::telemetry;

/// Warns once, at the first request without a [`Peer`](crate::Peer).
#[derive(Debug, Default)]
pub(crate) struct NoPeer {
    has_warned: AtomicBool,
}

impl NoPeer {
    /// Never warns: nobody is meant to send the requests.
    pub(crate) fn meant() -> Self {
        Self { has_warned: true.into() }
    }

    pub(crate) fn warn(&self, target: &Target) {
        if self.has_warned.load(Ordering::Relaxed) || self.has_warned.swap(true, Ordering::Relaxed) {
            return;
        }
        tracing::warn!(
            target: telemetry::PEER,
            upstream = %target,
            "requests have no Peer, so the upstream is not told who sends them (X-Forwarded-For): see PeerLayer"
        );
    }
}
