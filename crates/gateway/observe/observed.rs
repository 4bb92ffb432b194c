//! `Observed`: what is kept of all requests of a gateway.

use std::sync::Arc;

use super::request::Finished;
use super::route_meter::RouteMeter;

/// What is kept of all requests of a gateway. It is the same over all generations, and clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {}

impl Observed {
    /// The meter of the route with this prefix.
    #[expect(
        clippy::unused_self,
        reason = "the meters will be kept, so that a reload doesn't start them anew"
    )]
    pub(crate) fn route(&self, prefix: &str) -> Arc<RouteMeter> {
        Arc::new(RouteMeter::new(prefix))
    }

    /// Notes a request that has ended.
    #[expect(clippy::unused_self, reason = "nothing is counted yet")]
    pub(super) fn note(&self, _finished: &Finished<'_>) {}
}
