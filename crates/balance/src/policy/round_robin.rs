use crate::{
    passed::Passed,
    policy::Policy,
    rotation::Rotation,
    set::Set,
    sync::{AtomicU64, Ordering},
};

/// Each endpoint in its turn, as often as its weight says, starting with the first.
///
/// One counter gives out tickets and the set's [`Rotation`](crate::Rotation) says whose turn a ticket is, so a full
/// cycle is exact whatever the number of threads. A skip costs a ticket: each endpoint that is passed over has used up
/// its own turn, and its share goes evenly to all others instead of to its neighbour.
///
/// The counter goes on over changes of the set. It wraps after 2^64 tickets; that one cycle is cut short (where the
/// cycle's length isn't a power of two), and the next starts with the first endpoint. Only requests that pass one
/// over may have to repeat their step when another came first; all others take their ticket in one instruction.
///
/// A clone starts with the first endpoint again.
//
// On cache lines of its own (two, as they are fetched in pairs): every pick writes here, and reads its neighbours.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct RoundRobin {
    tickets: AtomicU64,
}

impl RoundRobin {
    /// Starts with the first endpoint.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next turn of one that is open, and with it all turns up to there: taken in one step, so that no open turn in
    /// between is lost, and none is taken twice.
    fn skip_to_open(&self, rotation: &Rotation, passed: &Passed) -> Option<usize> {
        let mut open = None;
        let taken = self.tickets.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |ticket| {
            let (skipped, index) =
                (0..).zip(rotation.turns(ticket)).find(|(_, index)| !passed.contains(*index))?;
            open = Some(index);
            Some(ticket.wrapping_add(skipped + 1))
        });
        taken.ok().and(open)
    }
}

impl Clone for RoundRobin {
    fn clone(&self) -> Self {
        Self::new()
    }
}

/// `Relaxed` throughout: that every ticket has one taker needs only the counter itself.
impl<Req> Policy<Req> for RoundRobin {
    fn pick<S>(&self, _: &Req, set: &Set<S>, passed: &Passed) -> Option<usize> {
        if passed.is_empty() {
            return set.rotation().at(self.tickets.fetch_add(1, Ordering::Relaxed));
        }
        self.skip_to_open(set.rotation(), passed)
    }

    fn name(&self) -> &'static str {
        "round-robin"
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
