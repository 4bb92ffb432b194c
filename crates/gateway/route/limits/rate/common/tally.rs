//! What has come of asking Redis.

use std::sync::atomic::{AtomicU64, Ordering};

use super::super::decision::Decision;
use super::connection::Failure;

/// What has come of asking.
#[derive(Debug, Default)]
pub(super) struct Tally {
    passed: AtomicU64,
    refused: AtomicU64,
    unreachable: AtomicU64,
    late: AtomicU64,
    failed: AtomicU64,
}

impl Tally {
    /// Counts a request that these decisions are about.
    pub(super) fn note(&self, decisions: &[Decision]) {
        let is_refused = decisions.iter().any(|decision| decision.refuses());
        let counter = if is_refused { &self.refused } else { &self.passed };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn note_failure(&self, failure: Failure) {
        let counter = match failure {
            Failure::Unreachable => &self.unreachable,
            Failure::Late => &self.late,
            Failure::Failed => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// How often there was each result.
    pub(super) fn counts(&self) -> [(&'static str, u64); 5] {
        let Self { passed, refused, unreachable, late, failed } = self;
        [
            ("passed", passed),
            ("refused", refused),
            ("unreachable", unreachable),
            ("late", late),
            ("failed", failed),
        ]
        .map(|(result, counter)| (result, counter.load(Ordering::Relaxed)))
    }
}
