use std::{cmp::Reverse, collections::BTreeMap, fmt};

/// The most slots of a table (256 KiB), unless there are more endpoints than that.
const MAX_SLOTS: u64 = 1 << 16;

/// An order of the endpoints that follows their weights. Weights 5, 1, 1 give `a a b a c a a`.
///
/// This is nginx's smooth weighted round robin (`ngx_http_upstream_round_robin.c`), run once over a whole cycle.
///
/// Over any window as long as the table, each endpoint comes up exactly as often as it has slots. No endpoint is
/// ever more than one pick ahead of its share. Weights are reduced by their greatest common divisor. If their sum
/// is then still more than 65,536, they are scaled to that many slots: each endpoint has its share within one slot,
/// and at least one slot. So a table has at most 65,536 slots, plus one for each endpoint.
pub struct Rotation {
    slots: Box<[u32]>,
}

impl Rotation {
    pub(crate) fn new(weights: &[u16]) -> Self {
        let shares = shares(weights);
        let total = shares.iter().sum();
        let mut classes = Class::group(&shares);
        let slots = (1..=total).filter_map(|step| {
            let leader = classes.iter_mut().max_by_key(|class| class.claim(step, total))?;
            leader.take()
        });
        Self { slots: slots.collect() }
    }

    /// The index of the endpoint whose turn ticket `ticket` is; `None` if there is no endpoint.
    pub fn at(&self, ticket: u64) -> Option<usize> {
        self.slots.get(self.slot(ticket)?).map(|&index| index as usize)
    }

    /// The indices of one cycle in order, beginning with the turn at `ticket`.
    pub fn turns(&self, ticket: u64) -> impl Iterator<Item = usize> + '_ {
        let (later, first) = self.slots.split_at(self.slot(ticket).unwrap_or(0));
        first.iter().chain(later).map(|&index| index as usize)
    }

    /// The number of slots in one cycle.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are no slots, because there is no endpoint.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    fn slot(&self, ticket: u64) -> Option<usize> {
        let slot = ticket.checked_rem(self.slots.len() as u64)?;
        usize::try_from(slot).ok()
    }
}

impl fmt::Debug for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rotation").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// How many slots each weight gets.
fn shares(weights: &[u16]) -> Vec<u64> {
    let weights = || weights.iter().map(|&weight| u64::from(weight));
    let divisor = weights().fold(0, gcd).max(1);
    let total: u64 = weights().sum();
    if total / divisor <= MAX_SLOTS {
        return weights().map(|weight| weight / divisor).collect();
    }
    // Rounding the running sum, and not each share, keeps the length of the table.
    let mut sum = 0;
    let scaled = weights().map(|weight| {
        let before = sum * MAX_SLOTS / total;
        sum += weight;
        (sum * MAX_SLOTS / total - before).max(weight.min(1))
    });
    scaled.collect()
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Endpoints with the same share. The rotation takes them in turn, so only the classes need be compared: a slot
/// costs as many steps as there are different shares.
struct Class {
    share: u64,
    members: Vec<u32>,
    /// The member of the class whose turn is next.
    turn: usize,
    /// How many slots each member got before the present round through the class.
    rounds: u64,
}

impl Class {
    fn group(shares: &[u64]) -> Vec<Self> {
        let mut by_share = BTreeMap::<u64, Vec<u32>>::new();
        for (index, &share) in (0..).zip(shares).filter(|(_, share)| **share > 0) {
            by_share.entry(share).or_default().push(index);
        }
        by_share.into_iter().map(|(share, members)| Self { share, members, turn: 0, rounds: 0 }).collect()
    }

    /// What the next member is due at `step` (nginx's current weight). Of equals, the first wins.
    fn claim(&self, step: u64, total: u64) -> (i128, Reverse<Option<u32>>) {
        let due = i128::from(step * self.share) - i128::from(total * self.rounds);
        (due, Reverse(self.members.get(self.turn).copied()))
    }

    fn take(&mut self) -> Option<u32> {
        let member = self.members.get(self.turn).copied();
        self.turn += 1;
        if self.turn == self.members.len() {
            self.turn = 0;
            self.rounds += 1;
        }
        member
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
