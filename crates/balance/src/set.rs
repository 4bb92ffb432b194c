use std::{fmt, sync::Arc};

use crate::{
    clock::{Clock, Moment},
    endpoint::Endpoint,
    health::{AllDown, Ward},
    rotation::Rotation,
    rules::Rules,
};

/// An immutable snapshot of the endpoints. Each change makes a new one, which all picks share until the next
/// change.
///
/// Only what doesn't change while the set is in use stands here. What does change (weights, health, counters) is in
/// the endpoints.
pub struct Set<S> {
    /// The number of changes before this set.
    generation: u64,
    members: Arc<[Arc<Endpoint<S>>]>,
    serving: Box<[Arc<Endpoint<S>>]>,
    rotation: Rotation,
    clock: Clock,
    rules: Rules,
    /// The last tier of this set.
    last: Tier,
    /// The same set with the next tier as well. `None` if there is no further one, as in most pools.
    wider: Option<Box<Self>>,
}

/// A tier within the endpoints of a set, which are in the order of their tiers.
#[derive(Clone, Copy, Debug, Default)]
struct Tier {
    begin: usize,
    end: usize,
    /// How many of the tier's endpoints have to be well, so that the next tier isn't needed.
    enough: usize,
}

impl<S> Set<S> {
    pub(crate) fn new(members: Vec<Arc<Endpoint<S>>>, clock: Clock, rules: Rules) -> Self {
        Self::of_generation(0, members, clock, rules)
    }

    /// The set that follows this one.
    pub(crate) fn next(&self, members: Vec<Arc<Endpoint<S>>>) -> Self {
        let generation = self.generation.wrapping_add(1);
        Self::of_generation(generation, members, self.clock.clone(), self.rules)
    }

    /// The endpoints that a policy chooses from: those that were neither draining, nor paused, nor down, nor of
    /// weight 0 when the set was made. If all of them are down, [`AllDown::Use`] has them chosen from all the same.
    ///
    /// They are those of the tiers that are in use, in the order of the tiers. Within a tier it is the order of
    /// their insertion.
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

    /// The set with no more tiers than are needed: up to the first one of which enough endpoints are well.
    ///
    /// It looks at the endpoints only if there are several tiers and an endpoint isn't well.
    pub(crate) fn in_use(&self, ward: &Ward) -> &Self {
        let mut set = self;
        while let Some(wider) = &set.wider
            && !ward.is_all_well()
            && !set.last_tier_is_enough()
        {
            set = wider;
        }
        set
    }

    /// The same set with the next tier as well. An endpoint has the same index in both.
    pub(crate) fn with_next_tier(&self) -> Option<&Self> {
        self.wider.as_deref()
    }

    pub(crate) fn of_all_tiers(&self) -> &Self {
        std::iter::successors(Some(self), |set| set.with_next_tier()).last().unwrap_or(self)
    }

    fn last_tier_is_enough(&self) -> bool {
        let Tier { begin, end, enough } = self.last;
        let tier = self.serving.get(begin..end).unwrap_or_default();
        let mut well = tier.iter().filter(|endpoint| endpoint.is_well());
        enough.checked_sub(1).is_none_or(|others| well.nth(others).is_some())
    }

    fn of_generation(generation: u64, members: Vec<Arc<Endpoint<S>>>, clock: Clock, rules: Rules) -> Self {
        let members: Arc<[_]> = members.into();
        let mut open = open(&members);
        if rules.all_down == AllDown::Use && open.iter().all(|open| open.is_down) {
            open.iter_mut().for_each(|open| open.is_down = false);
        }
        open.sort_by_key(|open| open.priority);
        let tiers = tiers(&open, rules.tier_share);
        open.retain(|open| !open.is_down);
        let up_to = |tier: &Tier, wider: Option<Box<Self>>| {
            let open = open.get(..tier.end).unwrap_or_default();
            let weights: Vec<u16> = open.iter().map(|open| open.weight).collect();
            Self {
                generation,
                members: Arc::clone(&members),
                serving: open.iter().map(|open| Arc::clone(open.endpoint)).collect(),
                rotation: Rotation::new(&weights),
                clock: clock.clone(),
                rules,
                last: *tier,
                wider,
            }
        };
        let (first, further) = tiers.split_first().unwrap_or((&Tier { begin: 0, end: 0, enough: 0 }, &[]));
        let wider = further.iter().rev().fold(None, |wider, tier| Some(Box::new(up_to(tier, wider))));
        up_to(first, wider)
    }
}

/// An endpoint that may get requests if it isn't down, as it is when a set is made.
struct Open<'a, S> {
    endpoint: &'a Arc<Endpoint<S>>,
    weight: u16,
    priority: u8,
    is_down: bool,
}

/// The weight is read only once. If `set_weight` changes it at the same time, another set follows. The same goes for
/// priority and health.
fn open<S>(members: &[Arc<Endpoint<S>>]) -> Vec<Open<'_, S>> {
    let open = members.iter().filter(|member| member.is_open()).map(|endpoint| Open {
        endpoint,
        weight: endpoint.weight(),
        priority: endpoint.priority(),
        is_down: endpoint.is_down(),
    });
    open.filter(|open| open.weight > 0).collect()
}

/// The tiers that requests may stop at, of endpoints in their order. A tier of which too few are up is never enough.
/// So its endpoints are used, but no set ends with it, unless it is the last one.
fn tiers<S>(open: &[Open<'_, S>], share: u8) -> Vec<Tier> {
    let mut end = 0;
    let mut tiers: Vec<Tier> = open
        .chunk_by(|one, other| one.priority == other.priority)
        .map(|tier| {
            let begin = end;
            end += tier.iter().filter(|open| !open.is_down).count();
            Tier { begin, end, enough: (tier.len() * usize::from(share)).div_ceil(100) }
        })
        .filter(|tier| tier.end > tier.begin)
        .collect();
    let widest = tiers.pop();
    tiers.retain(|tier| tier.end - tier.begin >= tier.enough);
    tiers.extend(widest);
    tiers
}

impl<S> fmt::Debug for Set<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Set").field("generation", &self.generation).field("members", &self.members).finish()
    }
}
