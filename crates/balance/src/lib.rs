#![doc = include_str!("../README.md")]
//!
//! ## Where to find what
//!
//! | for | look at |
//! |---|---|
//! | the layer, and the service that it makes | [`BalanceLayer`], [`RoundRobinLayer`], [`NewEndpoint`], [`Balance`] |
//! | policies | [`RoundRobin`], [`LeastLoaded`], [`PeakEwma`], [`Random`], [`Hash`](struct@Hash) with [`Key`] |
//! | a policy of your own | [`Policy`], [`Set`], [`Passed`], [`Rotation`], [`Dice`], [`stable_hash`], [`nearest`] |
//! | endpoints that come and go | [`Endpoints`], [`Endpoint`], [`Entry`], [`Targets`] |
//! | a pool's settings | [`Settings`], [`Outliers`], [`SlowStart`], [`AllDown`], [`Limit`], [`Clock`] |
//! | how an endpoint is, since when and why | [`Health`], [`Details`], [`Ejected`], [`Cause`] |
//! | what counts as a failure | [`Classify`], [`Outcome`], [`ErrorsFail`] |
//! | when a request is over | [`Completion`], [`OnResponse`], [`InFlight`] |
//! | sending a request again | [`Failover`], [`Unsent`], [`Retry`], [`RetryRule`], [`Backoff`], [`Budget`] |
//! | sending a slow request to a second endpoint | [`Hedge`], [`Hedging`] |
//! | a request that no endpoint takes | [`GivingBack`], [`Unserved`] |
//! | why a request went where it went | [`Explained`], [`Picked`], [`Skipped`], [`Why`] |
//! | errors | [`BoxError`], [`NoEndpoints`], [`Overloaded`] |
#![cfg_attr(
    feature = "http",
    doc = "| HTTP bodies and upgrades (feature `http`) | [`OnBodyEnd`], [`ClassifyBody`], [`KeepUpgraded`] |"
)]
#![cfg_attr(
    feature = "probes",
    doc = "| health checks and dials (feature `probes`) | [`Probes`], [`Dials`] |"
)]

#[cfg(feature = "http")]
mod body;
mod clock;
mod completion;
mod details;
mod dice;
mod endpoint;
mod endpoints;
mod entry;
mod error;
mod fading;
mod failover;
mod future;
mod giving_back;
mod health;
mod hedge;
mod in_flight;
mod late_failures;
mod latency;
mod layer;
mod limit;
mod new_endpoint;
mod outcome;
mod passed;
mod picked;
mod policy;
mod pool;
mod queue;
mod recover;
mod resent;
mod retry;
mod rotation;
mod rules;
mod search;
mod service;
mod set;
mod settings;
mod shared;
mod shares;
mod stable_hash;
mod sync;
mod targets;
#[cfg(feature = "http")]
mod upgraded;

#[cfg(feature = "probes")]
pub use self::health::{Dials, Probes};
#[cfg(feature = "http")]
pub use self::{
    body::{ClassifyBody, OnBodyEnd, TrackedBody},
    upgraded::{KeepUpgraded, UpgradeEndsIt},
};
pub use self::{
    clock::{Clock, Hand, Moment},
    completion::{Completion, Explained, OnResponse},
    details::Details,
    dice::Dice,
    endpoint::Endpoint,
    endpoints::Endpoints,
    entry::Entry,
    error::{BoxError, NoEndpoints},
    failover::{Failover, NoFailover, Unsent},
    future::ResponseFuture,
    giving_back::{GivingBack, GivingBackFuture, Returning, Unserved},
    health::{AllDown, Cause, Ejected, FailureRate, Health, Outliers, SlowStart},
    hedge::{Hedge, Hedging},
    in_flight::InFlight,
    layer::{BalanceLayer, RoundRobinLayer},
    limit::{Limit, Overloaded},
    new_endpoint::NewEndpoint,
    outcome::{Classify, ErrorsFail, Outcome},
    passed::Passed,
    picked::{Picked, Skipped, Why},
    policy::{Hash, Key, LeastLoaded, PeakEwma, Policy, Random, RoundRobin, nearest},
    recover::Recover,
    retry::{Backoff, Budget, Retry, RetryRule, Retrying},
    rotation::Rotation,
    service::Balance,
    set::Set,
    settings::Settings,
    stable_hash::stable_hash,
    targets::Targets,
};
