//! Which requests are logged.

use super::condition::holds;
use super::sample::falls_into;
use crate::config::{self, Condition, Share};
use crate::observe::request::Finished;

/// Which requests are logged.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice {
    only: Option<Condition>,
    sample: Share,
    always: Option<Condition>,
}

impl Choice {
    pub(super) fn of(config: &config::AccessLog) -> Self {
        Self { only: config.only.clone(), sample: config.sample, always: config.always.clone() }
    }

    pub(super) fn has(&self, finished: &Finished<'_>) -> bool {
        self.always.as_ref().is_some_and(|always| holds(always, finished))
            || self.only.as_ref().is_none_or(|only| holds(only, finished)) && falls_into(self.sample)
    }

    pub(super) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.only.iter().chain(&self.always)
    }
}
