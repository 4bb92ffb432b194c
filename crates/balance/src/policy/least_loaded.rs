use crate::{
    passed::Passed,
    policy::{Policy, two_choices::TwoChoices},
    set::Set,
};

/// The one of two different endpoints, drawn at random, that has fewer requests in flight for its weight.
///
/// What counts is what it would have with this one, (in flight + 1) / weight; the first drawn wins if they are even.
/// A request that failed counts as if it went on for a second, fading: failing fast attracts nobody, and an endpoint that
/// fails is spared until three seconds after its last failure, or for less if the others are busy.
/// The cost is the same at any number of endpoints, apart from a step for every 64 of them once one was passed over.
///
/// Weights scale the load that is borne, not the share of requests: while little is in flight, the heavier of the two
/// wins. A request is in flight until its response is there, or with
/// [`track_bodies`](crate::BalanceLayer::track_bodies) until its body ends.
///
/// A clone draws numbers of its own, or from its seed again.
#[derive(Clone, Debug, Default)]
pub struct LeastLoaded {
    choices: TwoChoices,
}

impl LeastLoaded {
    /// Draws at random.
    pub fn new() -> Self {
        Self::default()
    }

    /// Draws the same for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self { choices: TwoChoices::seeded(seed) }
    }
}

impl<Req> Policy<Req> for LeastLoaded {
    fn pick<S>(&self, _: &Req, set: &Set<S>, passed: &Passed) -> Option<usize> {
        self.choices.pick(set, passed, |endpoint| {
            (endpoint.in_flight() + 1) as f64 + endpoint.late_failures.count(|| set.now())
        })
    }

    fn name(&self) -> &'static str {
        "least-loaded"
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
