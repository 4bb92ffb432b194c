use crate::{dice::Dice, endpoint::Endpoint, passed::Passed, set::Set};

/// Draws two different endpoints and takes the better one. The load is nearly as even as with the best of all, at
/// the cost of comparing two (Mitzenmacher, "The power of two choices in randomized load balancing", 2001), and
/// requests that come at the same time don't all go to the one best endpoint.
#[derive(Clone, Debug, Default)]
pub(super) struct TwoChoices {
    random: Dice,
}

impl TwoChoices {
    pub(super) fn seeded(seed: u64) -> Self {
        Self { random: Dice::seeded(seed) }
    }

    /// Picks the one with the lower cost for its weight, or the first drawn if the two are equal. If only one
    /// endpoint is open, picks that one.
    pub(super) fn pick<S>(
        &self,
        set: &Set<S>,
        passed: &Passed,
        cost: impl Fn(&Endpoint<S>) -> f64,
    ) -> Option<usize> {
        let endpoints = set.endpoints();
        let open = endpoints.len().saturating_sub(passed.len());
        if open < 2 {
            return (open > 0).then(|| passed.nth_open(0));
        }
        let [first, second] = self.draw(open).map(|nth| passed.nth_open(nth));
        let (one, other) = (endpoints.get(first)?, endpoints.get(second)?);
        // Each cost is multiplied with the other weight and not divided by its own, since a weight may have become
        // 0 after the set was made.
        let is_other_cheaper = cost(other) * f64::from(one.weight()) < cost(one) * f64::from(other.weight());
        Some(if is_other_cheaper { second } else { first })
    }

    /// Draws two different numbers below `bound`, which is at least 2. Each ordered pair is equally likely.
    fn draw(&self, bound: usize) -> [usize; 2] {
        let others = bound - 1;
        let pair = self.random.below(bound.saturating_mul(others));
        let (first, second) = (pair / others, pair % others);
        [first, second + usize::from(second >= first)]
    }
}
