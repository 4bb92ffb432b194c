use crate::{dice::Dice, passed::Passed, policy::Policy, set::Set};

/// Draws before the search goes along the rotation. Where half of the slots are passed over, all of them fail once in
/// 256 picks.
const DRAWS: usize = 8;

/// An endpoint drawn at random, as often as its weight says: a turn of the set's [`Rotation`](crate::Rotation) whose
/// ticket is drawn.
///
/// One draw, whatever the number of endpoints. A draw of one that was passed over is repeated, up to 8 times, so its
/// share goes to all others by weight; after that it goes to the next in the rotation that is open.
///
/// A clone draws numbers of its own, or from its seed again.
#[derive(Clone, Debug, Default)]
pub struct Random {
    random: Dice,
}

impl Random {
    /// Draws at random.
    pub fn new() -> Self {
        Self::default()
    }

    /// Draws the same for the same seed.
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
