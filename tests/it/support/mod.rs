//! What the end-to-end tests share: an exact client, a recording upstream and a failing one, load, processes and tools.
//!
//! Everything here uses real sockets and waits for events under a generous deadline. So it must not run under a paused
//! tokio clock: a paused runtime that is idle jumps straight to the deadline.

#![allow(
    unreachable_pub,
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test code"
)]

pub mod ask;
pub mod body;
pub mod browser;
pub mod canary;
pub mod dns;
pub mod faulty;
pub mod fields;
pub mod gateway;
pub mod h2;
pub mod h2_upstream;
pub mod listening;
pub mod load;
pub mod mem;
pub mod operator;
pub mod pattern;
pub mod process;
pub mod property;
pub mod raw;
pub mod recorder;
pub mod relay;
pub mod running;
pub mod sole;
pub mod successor;
pub mod syntax;
#[cfg(feature = "jwt")]
pub mod tokens;
pub mod tools;
pub mod unreachable;
pub mod wire;
pub mod ws;

use std::future::Future;
use std::time::Duration;

/// How long anything may take before a test gives up. It is enough for a loaded machine, and is never waited for when a
/// test passes.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// `future`'s output, or a panic that says what was waited for.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(output) => output,
        Err(_) => panic!("waited {PATIENCE:?} for {what}"),
    }
}
