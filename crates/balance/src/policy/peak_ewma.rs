use std::time::Duration;

use crate::{
    clock::Moment,
    endpoint::Endpoint,
    passed::Passed,
    policy::{Policy, two_choices::TwoChoices},
    set::Set,
};

/// Draws two endpoints at random, and picks the one that should answer sooner.
///
/// That is the one with the lower latency x (in flight + 1) / weight.
///
/// The latency is the time from the call to the response. It is an average that rises to a slower answer at once
/// and falls over 10 s ([`Endpoint::latency`]), as in Finagle (`Balancers.p2cPeakEwma`), linkerd and tower. While a
/// slow endpoint gets no requests its average falls, until one request tries it again. A failure counts as slow, so
/// that an endpoint that fails fast doesn't attract requests.
///
/// An endpoint that was never measured is tried by the next request that draws it, and by one request at a time:
/// its cost is 0 while it is idle, and that of a failure from then until its first answer.
///
/// A pick takes the same time whatever the number of endpoints, like [`LeastLoaded`](crate::LeastLoaded), and reads
/// the clock twice more. Weights scale the cost, not the share of the requests. A clone has the same settings and
/// draws its own random numbers, from the same seed if there is one.
#[derive(Clone, Debug)]
pub struct PeakEwma {
    choices: TwoChoices,
    failure_penalty: Duration,
}

impl PeakEwma {
    /// Draws at random, in another order in each run.
    pub fn new() -> Self {
        Self::drawing(TwoChoices::default())
    }

    /// Draws in the same order for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self::drawing(TwoChoices::seeded(seed))
    }

    /// The latency that a failure counts as, unless it took longer: 1 s by default.
    pub fn failure_penalty(self, failure_penalty: Duration) -> Self {
        Self { failure_penalty, ..self }
    }

    fn drawing(choices: TwoChoices) -> Self {
        Self { choices, failure_penalty: Duration::from_secs(1) }
    }

    fn cost<S>(&self, endpoint: &Endpoint<S>, now: Moment) -> f64 {
        let in_flight = endpoint.in_flight();
        let nanos = match endpoint.latency.nanos_at(now) {
            Some(nanos) => nanos,
            None if in_flight == 0 => 0.0,
            None => self.failure_penalty.as_nanos() as f64,
        };
        nanos * (in_flight + 1) as f64
    }
}

impl Default for PeakEwma {
    fn default() -> Self {
        Self::new()
    }
}

impl<Req> Policy<Req> for PeakEwma {
    fn pick<S>(&self, _: &Req, set: &Set<S>, passed: &Passed) -> Option<usize> {
        let now = set.now();
        self.choices.pick(set, passed, |endpoint| self.cost(endpoint, now))
    }

    fn failure_penalty(&self) -> Option<Duration> {
        Some(self.failure_penalty)
    }

    fn name(&self) -> &'static str {
        "peak-ewma"
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
