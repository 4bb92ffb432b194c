//! Drills: one or both of two upstreams fail under load, each drill in another way, and the clients should notice as
//! little as possible. docs/behaviour.md says what they may notice.
//!
//! Each drill prints one line with its figures. `GATEWAY_DRILL_SECONDS=20` sets how long the load lasts; by default it
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

/// The connections of every load.
const CONNECTIONS: usize = 64;
/// How many answers come between one event and the next.
const ENOUGH: u64 = 1000;
/// Failures in a row that eject an upstream: the default of `outliers`.
const CONSECUTIVE: usize = 5;
/// An ejection costs at most the failures that cause it and the requests in flight at that moment.
const EJECTION_COSTS: usize = CONSECUTIVE + CONNECTIONS;

/// How long a drill's load lasts.
fn length() -> Duration {
    let seconds = std::env::var("GATEWAY_DRILL_SECONDS").map_or(1.5, |seconds| seconds.parse().unwrap());
    Duration::from_secs_f64(seconds)
}

/// The first few, which are enough to see what is wrong.
fn first(failed: &[Failure]) -> &[Failure] {
    &failed[..failed.len().min(5)]
}
