//! `Audience`: who hears of requests that have ended.

use super::access_log::{AccessLog, Wants};
use super::observed::Observed;
use super::request::Finished;

/// Who hears of the requests of a generation.
#[derive(Debug, Default)]
pub(crate) struct Audience {
    log: AccessLog,
    observed: Observed,
}

impl Audience {
    pub(crate) fn new(log: AccessLog, observed: Observed) -> Self {
        Self { log, observed }
    }

    /// What has to be kept of each request for them.
    pub(crate) fn wants(&self) -> Wants {
        self.log.wants()
    }

    /// Tells all of them.
    pub(super) fn hear(&self, finished: &Finished<'_>) {
        self.log.write(finished);
        self.observed.note(finished);
    }
}
