use crate::{
    passed::Passed,
    policy::Policy,
    rotation::Rotation,
    set::Set,
    sync::{AtomicU64, Ordering},
};

/// Picks the endpoints in turn, each as often as its weight says, starting with the first.
///
/// A counter gives out tickets, and the set's [`Rotation`](crate::Rotation) says which endpoint's turn a ticket is.
/// So a full cycle is exact, whatever the number of threads. An endpoint that is passed over has used its turn, and
/// its share goes evenly to all others, not to its neighbour alone.
///
/// The counter isn't reset when the set changes. It wraps after 2^64 tickets: that cycle is cut short (unless its
/// length is a power of two), and the next one starts with the first endpoint. A request takes its ticket in one
/// instruction. One that passes an endpoint over may have to repeat its step if another thread was faster.
///
/// A clone starts with the first endpoint again.
//
// It has two cache lines of its own, since processors fetch them in pairs. Every pick writes here, and would slow
// down reads of its neighbours.
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

    /// Takes the next turn of an open endpoint, and all turns before it, in one step. So no open turn in between is
    /// lost, and none is taken twice.
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

/// `Relaxed` throughout: an atomic counter gives each of its values to one caller only.
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
