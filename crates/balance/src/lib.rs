#![doc = include_str!("../README.md")]

#[cfg(feature = "http")]
mod body;
mod clock;
mod completion;
mod endpoint;
mod endpoints;
mod entry;
mod error;
mod failover;
mod future;
mod health;
mod layer;
mod passed;
mod policy;
mod pool;
mod random;
mod rotation;
mod search;
mod service;
mod set;
mod sync;

#[cfg(feature = "http")]
pub use self::body::{OnBodyEnd, TrackedBody};
pub use self::{
    clock::{Clock, Hand, Moment},
    completion::{Completion, OnResponse},
    endpoint::{Endpoint, InFlight},
    endpoints::Endpoints,
    entry::Entry,
    error::{BoxError, NoEndpoints},
    failover::{Failover, NoFailover, Recover, Unsent},
    future::ResponseFuture,
    health::Health,
    layer::{BalanceLayer, NewEndpoint, RoundRobinLayer},
    passed::Passed,
    policy::{Policy, RoundRobin},
    random::Random,
    rotation::Rotation,
    service::Balance,
    set::Set,
};
