use crate::{
    clock::Clock,
    health::{AllDown, Outliers, SlowStart},
    limit::Limit,
    rules::Rules,
};

/// How a pool treats its endpoints, whatever the policy. By default it never ejects one and limits nothing.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub(crate) clock: Clock,
    pub(crate) seed: Option<u64>,
    pub(crate) outliers: Option<Outliers>,
    pub(crate) slow_start: Option<SlowStart>,
    pub(crate) limit: Option<Limit>,
    pub(crate) rules: Rules,
}

impl Settings {
    /// No ejection, no slow start, no limit, and tokio's clock.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ejects endpoints whose requests fail.
    pub fn outliers(self, outliers: Outliers) -> Self {
        Self { outliers: Some(outliers), ..self }
    }

    /// Endpoints that come back get a growing part of their share at first.
    pub fn slow_start(self, slow_start: SlowStart) -> Self {
        Self { slow_start: Some(slow_start), ..self }
    }

    /// Limits the requests in flight at each endpoint, and those that wait.
    pub fn limit(self, limit: Limit) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// What happens to requests while probes find all endpoints down. By default they fail with
    /// [`NoEndpoints`](crate::NoEndpoints).
    pub fn all_down(self, all_down: AllDown) -> Self {
        Self { rules: Rules { all_down, ..self.rules }, ..self }
    }

    /// How many endpoints of a tier have to be well, in percent of them; 1 to 100, and 50 by default. While fewer
    /// are, the next tier gets requests too. The endpoints of a tier have the same
    /// [`Entry::priority`](crate::Entry::priority).
    ///
    /// Well is an endpoint that is neither ejected, on trial, in its slow start, nor down. With 1, the next tier is
    /// used only once none is well.
    pub fn tier_share(self, percent: u8) -> Self {
        Self { rules: Rules { tier_share: percent.clamp(1, 100), ..self.rules }, ..self }
    }

    /// Uses another clock than tokio's.
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Makes the jitter of ejections the same in every run. A policy has a seed of its own.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }
}
