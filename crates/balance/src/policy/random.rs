use crate::{dice::Dice, passed::Passed, policy::Policy, set::Set};

/// How often a draw is repeated before the next open endpoint of the rotation is taken. Where half of the slots are
/// passed over, that happens once in 256 picks.
const DRAWS: usize = 8;

/// Draws an endpoint at random, as often as its weight says: it draws a ticket of the set's
/// [`Rotation`](crate::Rotation).
///
/// It takes one draw, whatever the number of endpoints. If the endpoint was passed over before, the draw is
/// repeated up to 8 times, so that the other endpoints get its share by their weights. After that the next open
/// endpoint in the rotation is taken.
///
/// A clone draws its own random numbers, from the same seed if there is one.
#[derive(Clone, Debug, Default)]
pub struct Random {
    random: Dice,
}

impl Random {
    /// Draws at random, in another order in each run.
    pub fn new() -> Self {
        Self::default()
    }

    /// Draws in the same order for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self { random: Dice::seeded(seed) }
    }
}

impl<Req> Policy<Req> for Random {
    fn pick<S>(&self, _: &Req, set: &Set<S>, passed: &Passed) -> Option<usize> {
        let is_open = |index: &usize| !passed.contains(*index);
        let mut draws = (0..DRAWS).filter_map(|_| set.rotation().at(self.random.next_u64()));
        draws.find(is_open).or_else(|| set.rotation().turns(self.random.next_u64()).find(is_open))
    }

    fn name(&self) -> &'static str {
        "random"
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
