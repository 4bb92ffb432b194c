use std::{fmt, sync::Arc};

use crate::{
    clock::{Clock, Moment},
    endpoint::Endpoint,
    health::AllDown,
    rotation::Rotation,
};

/// An immutable snapshot of the endpoints. Each change makes a new one, which all picks share until the next
/// change.
///
/// Only what doesn't change while the set is in use stands here. What does change (weights, health, counters) is in
/// the endpoints.
pub struct Set<S> {
    /// The number of changes before this set.
    generation: u64,
    members: Box<[Arc<Endpoint<S>>]>,
    serving: Box<[Arc<Endpoint<S>>]>,
    rotation: Rotation,
    clock: Clock,
    all_down: AllDown,
}

impl<S> Set<S> {
    pub(crate) fn new(members: Vec<Arc<Endpoint<S>>>, clock: Clock, all_down: AllDown) -> Self {
        Self::of_generation(0, members, clock, all_down)
    }

    /// The set that follows this one.
    pub(crate) fn next(&self, members: Vec<Arc<Endpoint<S>>>) -> Self {
        let generation = self.generation.wrapping_add(1);
        Self::of_generation(generation, members, self.clock.clone(), self.all_down)
    }

    /// The endpoints that a policy chooses from: those that were neither draining, nor down, nor of weight 0 when
    /// the set was made. If all of them are down, [`AllDown::Use`] has them chosen from all the same.
    pub fn endpoints(&self) -> &[Arc<Endpoint<S>>] {
        &self.serving
    }

    /// The order of turns that follows the weights. Its indices are those of [`endpoints`](Self::endpoints).
    pub fn rotation(&self) -> &Rotation {
        &self.rotation
    }

    /// The present time of the balancer's clock.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// All endpoints that were inserted and not removed, in the order of their insertion.
    pub(crate) fn members(&self) -> &[Arc<Endpoint<S>>] {
        &self.members
    }

    pub(crate) fn is_member(&self, endpoint: &Arc<Endpoint<S>>) -> bool {
        self.members.iter().any(|member| Arc::ptr_eq(member, endpoint))
    }

    fn of_generation(
        generation: u64,
        members: Vec<Arc<Endpoint<S>>>,
        clock: Clock,
        all_down: AllDown,
    ) -> Self {
        let (mut serving, mut weights) = serving(&members, |member| !member.is_down());
        if serving.is_empty() && all_down == AllDown::Use {
            (serving, weights) = self::serving(&members, |_| true);
        }
        Self {
            generation,
            members: members.into_boxed_slice(),
            serving: serving.into_boxed_slice(),
            rotation: Rotation::new(&weights),
            clock,
            all_down,
        }
    }
}

/// The members that a policy may choose because they are `fit`, and their weights.
fn serving<S>(
    members: &[Arc<Endpoint<S>>],
    fit: impl Fn(&Endpoint<S>) -> bool,
) -> (Vec<Arc<Endpoint<S>>>, Vec<u16>) {
    // The weight is read only once. If `set_weight` changes it at the same time, another set follows.
    members
        .iter()
        .filter(|member| !member.is_closed() && fit(member))
        .map(|member| (Arc::clone(member), member.weight()))
        .filter(|(_, weight)| *weight > 0)
        .unzip()
}

impl<S> fmt::Debug for Set<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Set").field("generation", &self.generation).field("members", &self.members).finish()
    }
}
