use crate::{
    passed::Passed,
    policy::{Policy, two_choices::TwoChoices},
    set::Set,
};

/// Draws two endpoints at random, and picks the one with fewer requests in flight for its weight.
///
/// The load that is compared is the one with this request: (in flight + 1) / weight. If the two are equal, the one
/// drawn first wins. A request that failed counts as if it went on for a second, fading. So an endpoint that fails
/// fast doesn't attract requests: it gets fewer until three seconds after its last failure, or for a shorter time
/// if the others are busy. A pick takes the same time whatever the number of endpoints, and a step for every 64 of
/// them once one was passed over.
///
/// Weights scale the load, not the share of the requests: while few requests are in flight, the heavier one of the
/// two wins. A request is in flight until its response is there or, with
/// `track_bodies` (feature `http`), until its body ends.
///
/// A clone draws its own random numbers, from the same seed if there is one.
#[derive(Clone, Debug, Default)]
pub struct LeastLoaded {
    choices: TwoChoices,
}

impl LeastLoaded {
    /// Draws at random, in another order in each run.
    pub fn new() -> Self {
        Self::default()
    }

    /// Draws in the same order for the same seed.
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
