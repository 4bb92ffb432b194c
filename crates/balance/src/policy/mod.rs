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
    hash::{Hash, Key, nearest},
    least_loaded::LeastLoaded,
    peak_ewma::PeakEwma,
    random::Random,
    round_robin::RoundRobin,
};

use crate::{passed::Passed, set::Set};

/// Picks the endpoint for a request.
///
/// A pick must not wait or take a lock, and shouldn't allocate: keep what a policy remembers in atomics. A
/// [layer](crate::BalanceLayer) clones its policy for each balancer that it makes.
pub trait Policy<Req> {
    /// Returns the index, in [`Set::endpoints`], of the endpoint to ask next. It must not be in `passed`.
    ///
    /// If that endpoint is not ready, is closed or fails before the request was sent, `pick` is called again with
    /// it in `passed`. It is never called with all endpoints in `passed`. `None` ends the search.
    fn pick<S>(&self, request: &Req, set: &Set<S>, passed: &Passed) -> Option<usize>;

    /// The policy's name in a [`Picked`](crate::Picked).
    fn name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// The latency that a failure counts as, unless it took longer. A policy that reads
    /// [`Endpoint::latency`](crate::Endpoint::latency) has to return one. By default it is `None`, and no request
    /// is timed.
    fn failure_penalty(&self) -> Option<Duration> {
        None
    }
}
