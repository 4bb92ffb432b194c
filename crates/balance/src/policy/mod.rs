mod round_robin;

pub use self::round_robin::RoundRobin;

use crate::{passed::Passed, set::Set};

/// Which endpoint takes a request.
///
/// A pick takes no lock, allocates nothing and waits for nobody: what a policy remembers, it keeps in atomics.
pub trait Policy<Req> {
    /// The index in [`Set::endpoints`] of the endpoint to ask next, which `passed` must not contain.
    ///
    /// Asked again, with one more passed over, when that endpoint was not ready, was closed, or failed without
    /// having been sent the request; asked only while `passed` has fewer than all. `None` ends the search.
    fn pick<S>(&self, request: &Req, set: &Set<S>, passed: &Passed) -> Option<usize>;

    /// What it is called in a [`Picked`](crate::Picked).
    fn name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }
    fn timing(&self) -> Option<()> {
        None
    }
}
