mod key;

use std::fmt;

pub use self::key::Key;
use crate::{
    dice::{mix, unit},
    endpoint::Endpoint,
    passed::Passed,
    policy::{Policy, Random},
    set::Set,
};

/// The same endpoint for the same key, for as long as that one has room.
///
/// Weighted rendezvous hashing: key and [`Endpoint::id`] hash to a distance for each endpoint, and the nearest takes
/// the request (Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998; weighted as in
/// Schindelhauer and Schomaker, "Weighted distributed hash tables", 2005). Shares of the keys follow the weights, and
/// when an endpoint leaves only its own keys move, spread over all others. The ids alone decide, not the order of the
/// endpoints: balancers that shall agree give the same [`Entry::id`](crate::Entry::id)s.
///
/// Loads are bounded (Mirrokni, Thorup and Zadimoghaddam, "Consistent hashing with bounded loads", 2016): an endpoint
/// with 1.25 times its weighted share of what is in flight at all that are open, this request included and rounded
/// up, is left out unless all are. So a hot key spreads over as many as it needs, but with little in flight two
/// requests of one key at a time can already be more than a share.
///
/// A request without a key goes to one at random, as by [`Random`].
///
/// A pick costs time in the number of endpoints: two loads and a logarithm for each. A clone has the same settings,
/// and for requests without a key draws numbers of its own, or from its seed again.
#[derive(Clone)]
pub struct Hash<F> {
    key: F,
    bound: f64,
    keyless: Random,
}

impl<F> Hash<F> {
    /// By what `key` says of a request: a [`Key`], or an `Option` of one.
    pub fn by<Req, K>(key: F) -> Self
    where
        F: Fn(&Req) -> K,
        K: Into<Option<Key>>,
    {
        Self { key, bound: 1.25, keyless: Random::new() }
    }

    /// How many times its share an endpoint may have in flight: 1.25 unless set, at least 1. `f64::INFINITY` bounds
    /// nothing.
    pub fn bound(self, bound: f64) -> Self {
        Self { bound: bound.max(1.0), ..self }
    }

    /// Draws the same for the same seed where requests have no key.
    pub fn seeded(self, seed: u64) -> Self {
        Self { keyless: Random::seeded(seed), ..self }
    }

    fn nearest<S>(&self, key: Key, set: &Set<S>, passed: &Passed) -> Option<usize> {
        let open = || set.endpoints().iter().enumerate().filter(|(index, _)| !passed.contains(*index));
        let limit = Limit::new(self.bound, open().map(|(_, endpoint)| &**endpoint));
        let ranked =
            open().map(|(index, endpoint)| (limit.is_reached(endpoint), distance(key, endpoint), index));
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

/// Exponentially distributed with the weight as its rate: of several, each is the smallest as often as its weight says.
fn distance<S>(key: Key, endpoint: &Endpoint<S>) -> f64 {
    let hash = mix(key.bits() ^ mix(endpoint.id()));
    -(-unit(hash)).ln_1p() / f64::from(endpoint.weight())
}

/// How much each endpoint may have in flight.
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
