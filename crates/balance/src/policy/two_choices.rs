use crate::{dice::Dice, endpoint::Endpoint, passed::Passed, set::Set};

/// The better of two different endpoints drawn at random: nearly as even as the best of all, at the cost of two
/// (Mitzenmacher, "The power of two choices in randomized load balancing", 2001), and without the herd that runs to
/// the one best.
#[derive(Clone, Debug, Default)]
pub(super) struct TwoChoices {
    random: Dice,
}

impl TwoChoices {
    pub(super) fn seeded(seed: u64) -> Self {
        Self { random: Dice::seeded(seed) }
    }

    /// The one of two with the lower cost for its weight, the first drawn if they are even; the last one that is open,
    /// if it is alone.
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
        // Multiplied crosswise, as a weight may have become 0 since the set was made.
        let is_other_cheaper = cost(other) * f64::from(one.weight()) < cost(one) * f64::from(other.weight());
        Some(if is_other_cheaper { second } else { first })
    }

    /// Two different numbers below `bound`, which is at least 2: each ordered pair as likely as any, by one draw.
    fn draw(&self, bound: usize) -> [usize; 2] {
        let others = bound - 1;
        let pair = self.random.below(bound.saturating_mul(others));
        let (first, second) = (pair / others, pair % others);
        [first, second + usize::from(second >= first)]
    }
}
