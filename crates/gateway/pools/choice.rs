//! The policy that a pool's configuration names.

use std::fmt;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use balance::{Hash, Key, LeastLoaded, Passed, PeakEwma, Policy, Random, RoundRobin, Set};

use crate::config::{Balancing, HashKey};
use crate::cookies;
use crate::peer;

/// One of the balancer's policies, chosen when the gateway starts.
pub(crate) enum Choice {
    RoundRobin(RoundRobin),
    LeastLoaded(LeastLoaded),
    PeakEwma(PeakEwma),
    Random(Random),
    Hash(Hash<KeyOf>),
}

type KeyOf = Box<dyn Fn(&Request<Body>) -> Option<Key> + Send + Sync>;

impl Choice {
    pub(super) fn of(balancing: &Balancing) -> Self {
        match balancing {
            Balancing::RoundRobin => Self::RoundRobin(RoundRobin::new()),
            Balancing::LeastLoaded => Self::LeastLoaded(LeastLoaded::new()),
            Balancing::PeakEwma => Self::PeakEwma(PeakEwma::new()),
            Balancing::Random => Self::Random(Random::new()),
            Balancing::Hash(key) => Self::Hash(Hash::by(key_of(key.clone()))),
        }
    }
}

/// The function that finds the part of a request to be hashed. A request that doesn't have it may go to any endpoint.
fn key_of(key: HashKey) -> KeyOf {
    match key {
        HashKey::Header(name) => {
            Box::new(move |request| request.headers().get(&name).map(|value| Key::of(value.as_bytes())))
        }
        HashKey::Cookie(name) => {
            Box::new(move |request| cookies::find(request.headers(), &name).map(Key::of))
        }
        HashKey::Peer => Box::new(|request| peer::client_ip(request.extensions()).map(|ip| Key::of(&ip))),
    }
}

impl Policy<Request<Body>> for Choice {
    fn pick<S>(&self, request: &Request<Body>, set: &Set<S>, passed: &Passed) -> Option<usize> {
        match self {
            Self::RoundRobin(policy) => policy.pick(request, set, passed),
            Self::LeastLoaded(policy) => policy.pick(request, set, passed),
            Self::PeakEwma(policy) => policy.pick(request, set, passed),
            Self::Random(policy) => policy.pick(request, set, passed),
            Self::Hash(policy) => policy.pick(request, set, passed),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::RoundRobin(policy) => name_of(policy),
            Self::LeastLoaded(policy) => name_of(policy),
            Self::PeakEwma(policy) => name_of(policy),
            Self::Random(policy) => name_of(policy),
            Self::Hash(policy) => name_of(policy),
        }
    }

    fn failure_penalty(&self) -> Option<Duration> {
        match self {
            Self::PeakEwma(policy) => Policy::<Request<Body>>::failure_penalty(policy),
            Self::RoundRobin(_) | Self::LeastLoaded(_) | Self::Random(_) | Self::Hash(_) => None,
        }
    }
}

fn name_of(policy: &impl Policy<Request<Body>>) -> &'static str {
    policy.name()
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
