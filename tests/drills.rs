//! Drills: one of two upstreams - or both - fails in one of the ways that upstreams fail, under load, and the clients
//! are to notice as little as can be. behaviour.md §8 and §9.
//!
//! Each drill prints one line with its figures. `GATEWAY_DRILL_SECONDS=20` makes the load as long as that; without, it
//! is short.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

#[path = "drills/both_down.rs"]
mod both_down;
#[path = "drills/broken_bodies.rs"]
mod broken_bodies;
#[path = "drills/churn.rs"]
mod churn;
#[path = "drills/hangs.rs"]
mod hangs;
#[path = "drills/killed.rs"]
mod killed;
#[path = "drills/pair.rs"]
mod pair;
#[path = "drills/restarts.rs"]
mod restarts;
#[path = "drills/slow.rs"]
mod slow;
#[path = "drills/unavailable.rs"]
mod unavailable;

use std::time::Duration;

use support::load::Failure;
use tokio::sync::{Mutex, MutexGuard};

/// Of every load.
const CONNECTIONS: usize = 64;
/// Answers between one event and the next.
const ENOUGH: u64 = 1000;
/// Failures in a row that eject an upstream: the default of `outliers`.
const CONSECUTIVE: usize = 5;
/// An ejection costs at most the failures that it takes and those in flight at its moment.
const EJECTION_COSTS: usize = CONSECUTIVE + CONNECTIONS;

/// One drill at a time: each measures what the machine gives it.
async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}

/// How long a drill's load lasts.
fn length() -> Duration {
    let seconds = std::env::var("GATEWAY_DRILL_SECONDS").map_or(1.5, |seconds| seconds.parse().unwrap());
    Duration::from_secs_f64(seconds)
}

/// Enough of them to see what is wrong.
fn first(failed: &[Failure]) -> &[Failure] {
    &failed[..failed.len().min(5)]
}
