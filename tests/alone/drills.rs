//! Drills: one of two upstreams - or both - fails in one of the ways that upstreams fail, under load, and the clients
//! are to notice as little as can be. behaviour.md §8 and §9.
//!
//! Each drill prints one line with its figures. `GATEWAY_DRILL_SECONDS=20` makes the load as long as that; without, it
//! is short.

mod both_down;
mod broken_bodies;
mod churn;
mod hangs;
mod killed;
mod pair;
mod restarts;
mod slow;
mod unavailable;

use std::time::Duration;

use crate::support::load::Failure;

/// Of every load.
const CONNECTIONS: usize = 64;
/// Answers between one event and the next.
const ENOUGH: u64 = 1000;
/// Failures in a row that eject an upstream: the default of `outliers`.
const CONSECUTIVE: usize = 5;
/// An ejection costs at most the failures that it takes and those in flight at its moment.
const EJECTION_COSTS: usize = CONSECUTIVE + CONNECTIONS;

/// How long a drill's load lasts.
fn length() -> Duration {
    let seconds = std::env::var("GATEWAY_DRILL_SECONDS").map_or(1.5, |seconds| seconds.parse().unwrap());
    Duration::from_secs_f64(seconds)
}

/// Enough of them to see what is wrong.
fn first(failed: &[Failure]) -> &[Failure] {
    &failed[..failed.len().min(5)]
}
