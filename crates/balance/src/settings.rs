use crate::{
    clock::Clock,
    health::{AllDown, Outliers, SlowStart},
    limit::Limit,
};

/// How a pool deals with its endpoints, whatever the policy. By default it sends to all of them, as much as comes.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub(crate) clock: Clock,
    pub(crate) seed: Option<u64>,
    pub(crate) outliers: Option<Outliers>,
    pub(crate) slow_start: Option<SlowStart>,
    pub(crate) limit: Option<Limit>,
    pub(crate) all_down: AllDown,
}

impl Settings {
    /// No ejection, no slow start, no limit; tokio's clock.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ejects endpoints whose requests fail.
    pub fn outliers(self, outliers: Outliers) -> Self {
        Self { outliers: Some(outliers), ..self }
    }

    /// Lets endpoints that come back take their share little by little.
    pub fn slow_start(self, slow_start: SlowStart) -> Self {
        Self { slow_start: Some(slow_start), ..self }
    }

    /// Bounds what is in flight at each endpoint.
    pub fn limit(self, limit: Limit) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// What becomes of requests while probes find every endpoint down; they are refused unless set.
    pub fn all_down(self, all_down: AllDown) -> Self {
        Self { all_down, ..self }
    }

    /// Another clock than tokio's.
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Makes the jitter of ejections the same in every run; a policy has a seed of its own.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }
}
