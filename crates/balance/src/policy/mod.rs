mod hash;
mod least_loaded;
mod peak_ewma;
mod random;
mod round_robin;
#[cfg(test)]
#[cfg(not(loom))]
mod tests;
mod two_choices;

use std::time::Duration;

pub use self::{
    hash::{Hash, Key},
    least_loaded::LeastLoaded,
    peak_ewma::PeakEwma,
    random::Random,
    round_robin::RoundRobin,
};

use crate::{passed::Passed, set::Set};

/// Which endpoint takes a request.
///
/// A pick takes no lock, allocates nothing and waits for nobody: what a policy remembers, it keeps in atomics. A
/// [layer](crate::BalanceLayer) clones its policy for every balancer that it makes.
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

    /// For a policy that reads [`Endpoint::latency`](crate::Endpoint::latency): the latency that a failure counts as, if
    /// it didn't take longer. `None`, as by default, times no request.
    fn failure_penalty(&self) -> Option<Duration> {
        None
    }
}
