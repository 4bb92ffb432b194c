//! `Audience`: who hears of requests that have ended.

use super::access_log::{AccessLog, Wants};
use super::observed::Observed;
use super::request::Finished;
use super::traces::Tracer;

/// Who hears of the requests of a generation.
#[derive(Debug, Default)]
pub(crate) struct Audience {
    log: AccessLog,
    observed: Observed,
    tracer: Option<Tracer>,
}

impl Audience {
    pub(crate) fn new(log: AccessLog, observed: Observed) -> Self {
        Self { log, observed, tracer: None }
    }

    /// Traces requests, too.
    pub(crate) fn with(self, tracer: Option<Tracer>) -> Self {
        Self { tracer, ..self }
    }

    /// Gives each request its part in a trace, if requests are traced.
    pub(crate) fn tracer(&self) -> Option<&Tracer> {
        self.tracer.as_ref()
    }

    /// What has to be kept of each request for them.
    pub(crate) fn wants(&self) -> Wants {
        self.log.wants()
    }

    /// Tells all of them.
    pub(super) fn hear(&self, finished: &Finished<'_>) {
        self.log.write(finished);
        self.observed.note(finished);
        if let Some(tracer) = &self.tracer {
            tracer.hear(finished);
        }
    }
}
