use crate::{
    passed::Passed,
    policy::Policy,
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
/// cycle's length isn't a power of two), and the next starts with the first endpoint.
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

    /// `Relaxed`: that every ticket is given out once needs only the counter itself.
    fn ticket(&self) -> u64 {
        self.tickets.fetch_add(1, Ordering::Relaxed)
    }
}

impl<Req> Policy<Req> for RoundRobin {
    fn pick<S>(&self, _: &Req, set: &Set<S>, passed: &Passed) -> Option<usize> {
        let rotation = set.rotation();
        let open = |index: &usize| !passed.contains(*index);
        let in_turn = (0..rotation.len()).filter_map(|_| rotation.at(self.ticket())).find(open);
        // A whole cycle of tickets without one that is open: others took those in between.
        in_turn.or_else(|| rotation.iter().find(open))
    }
}

#[cfg(test)]
mod tests;
