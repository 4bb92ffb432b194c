use std::time::Duration;

use crate::{
    clock::Moment,
    endpoint::Endpoint,
    passed::Passed,
    policy::{Policy, two_choices::TwoChoices},
    set::Set,
};

/// The one of two different endpoints, drawn at random, that should answer sooner: the lower of
/// latency x (in flight + 1) / weight.
///
/// The latency, from the call to the response, is an average that rises to a slower answer at once and falls over
/// 10 s ([`Endpoint::latency`]), as in Finagle (`Balancers.p2cPeakEwma`), linkerd and tower. An endpoint that gets no
/// requests for being slow seems faster the longer it gets none, until one request tries it again. A failure counts as
/// slow: answering errors fast attracts nobody.
///
/// An endpoint that was never measured is tried by the next request that draws it, and by one at a time: idle it costs
/// nothing, and from then until its first answer as much as a failure.
///
/// Costs the same at any number of endpoints, like [`LeastLoaded`](crate::LeastLoaded), and two readings of the clock
/// more. Weights scale costs, not shares. A clone has the same settings, and draws numbers of its own, or from its
/// seed again.
#[derive(Clone, Debug)]
pub struct PeakEwma {
    choices: TwoChoices,
    failure_penalty: Duration,
}

impl PeakEwma {
    /// Draws at random.
    pub fn new() -> Self {
        Self::drawing(TwoChoices::default())
    }

    /// Draws the same for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self::drawing(TwoChoices::seeded(seed))
    }

    /// The latency that a failure counts as, if it didn't take longer: 1 s unless set.
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
