mod key;
mod nearest;

use std::fmt;

use self::nearest::distance;
pub use self::{key::Key, nearest::nearest};
use crate::{
    endpoint::Endpoint,
    passed::Passed,
    policy::{Policy, Random},
    set::Set,
};

/// Sends requests with the same key to the same endpoint, as long as that one isn't overloaded.
///
/// This is weighted rendezvous hashing. The key and each [`Endpoint::id`] hash to a distance, and the nearest
/// endpoint gets the request (Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998; with
/// weights as in Schindelhauer and Schomaker, "Weighted distributed hash tables", 2005). The shares of the keys
/// follow the weights. When an endpoint leaves, only its own keys move, and they spread over all others. The order
/// of the endpoints doesn't matter: balancers that give their endpoints the same [`Entry::id`](crate::Entry::id)s
/// agree.
///
/// Loads are bounded (Mirrokni, Thorup and Zadimoghaddam, "Consistent hashing with bounded loads", 2016): an
/// endpoint is passed over if it would have more than 1.25 times its weighted share of all requests in flight, this
/// one included and rounded up. If that goes for all endpoints, none is passed over for it. So the requests of a
/// hot key spread over as many endpoints as they need. But while few requests are in flight, even two at a time of
/// one key can be more than a share, and go to two endpoints.
///
/// A request without a key goes to an endpoint at random, as by [`Random`].
///
/// A pick looks at each endpoint: two loads and a logarithm. A clone has the same settings. For requests without a
/// key it draws its own random numbers, from the same seed if there is one.
#[derive(Clone)]
pub struct Hash<F> {
    key: F,
    bound: f64,
    keyless: Random,
}

impl<F> Hash<F> {
    /// `key` finds a request's [`Key`], or an `Option` of one.
    pub fn by<Req, K>(key: F) -> Self
    where
        F: Fn(&Req) -> K,
        K: Into<Option<Key>>,
    {
        Self { key, bound: 1.25, keyless: Random::new() }
    }

    /// How many times its share of the requests in flight an endpoint may have: 1.25 by default, and at least 1.
    /// `f64::INFINITY` is no bound.
    pub fn bound(self, bound: f64) -> Self {
        Self { bound: bound.max(1.0), ..self }
    }

    /// Requests without a key are spread in the same way for the same seed.
    pub fn seeded(self, seed: u64) -> Self {
        Self { keyless: Random::seeded(seed), ..self }
    }

    fn nearest<S>(&self, key: Key, set: &Set<S>, passed: &Passed) -> Option<usize> {
        let open = || set.endpoints().iter().enumerate().filter(|(index, _)| !passed.contains(*index));
        let limit = Limit::new(self.bound, open().map(|(_, endpoint)| &**endpoint));
        let ranked = open().map(|(index, endpoint)| {
            (limit.is_reached(endpoint), distance(key, endpoint.id(), endpoint.weight()), index)
        });
        let (.., index) = ranked.min_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)))?;
        Some(index)
    }
}

impl<Req, F, K> Policy<Req> for Hash<F>
where
    F: Fn(&Req) -> K,
    K: Into<Option<Key>>,
{
    fn pick<S>(&self, request: &Req, set: &Set<S>, passed: &Passed) -> Option<usize> {
        match (self.key)(request).into() {
            Some(key) => self.nearest(key, set, passed),
            None => self.keyless.pick(request, set, passed),
        }
    }

    fn name(&self) -> &'static str {
        "hash"
    }
}

impl<F> fmt::Debug for Hash<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hash").field("bound", &self.bound).finish_non_exhaustive()
    }
}

/// How many requests each endpoint may have in flight.
struct Limit {
    bound: f64,
    in_flight: f64,
    weights: f64,
}

impl Limit {
    fn new<'a, S: 'a>(bound: f64, endpoints: impl Iterator<Item = &'a Endpoint<S>>) -> Self {
        let this_one = Self { bound, in_flight: 1.0, weights: 0.0 };
        endpoints.fold(this_one, |sum, endpoint| Self {
            in_flight: sum.in_flight + endpoint.in_flight() as f64,
            weights: sum.weights + f64::from(endpoint.weight()),
            ..sum
        })
    }

    fn is_reached<S>(&self, endpoint: &Endpoint<S>) -> bool {
        let share = self.in_flight * f64::from(endpoint.weight()) / self.weights;
        endpoint.in_flight() as f64 >= (self.bound * share).ceil()
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
