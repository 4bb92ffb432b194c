use std::time::Duration;

use axum::http::Request;
use balance::{Passed, Policy, Set};

use super::Sticky;
use crate::peer::Bound;
use crate::pools::endpoint;

/// A policy around the policy `P`. It picks the endpoint that the client's connection is bound to, or else the one that
/// the request's [`Sticky`] names. If there is no such endpoint, or it can't take the request, `P` picks.
///
/// Its name is that of `P`. Finding the endpoint takes a look at each one before it, 0.6 µs for the last of 1,000. A
/// request without `Sticky` costs as much as with `P` alone.
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

/// The endpoint of this pool that the connection was bound to last.
fn index_of_bound<S>(Bound(connection): &Bound, set: &Set<S>) -> Option<usize> {
    connection.bound_to().iter().find_map(|target| index_of(endpoint::id_of(target), set))
}

fn index_of<S>(id: u64, set: &Set<S>) -> Option<usize> {
    set.endpoints().iter().position(|endpoint| endpoint.id() == id)
}
