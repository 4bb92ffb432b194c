//! The balancer through its public API, with a module for each topic. The models of its interleavings are a binary of
//! their own, in `tests/loom.rs`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod allocation;
#[cfg(feature = "http")]
mod body;
mod by_hand;
mod churn;
mod contract;
#[cfg(feature = "probes")]
mod dials;
mod drain;
mod endpoints;
mod failover;
mod fairness;
mod giving_back;
mod health;
mod hedge;
mod latencies;
mod limit;
#[cfg(feature = "http")]
mod picked;
mod policies;
#[cfg(feature = "probes")]
mod probes;
mod retry;
mod support;
mod targets;
mod tiers;
mod waiting;
