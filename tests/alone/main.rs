//! Tests beside which no other may run: those that put the gateway under load and measure it, and one that captures
//! everything that its process logs. A binary of their own is enough, because cargo runs one after the other.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod canary;
mod drills;
mod kill_under_load;
mod memory;
mod reloads;
#[path = "../it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "these tests use a part of it")]
mod support;
mod upgrades;

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

static MACHINE: RwLock<()> = RwLock::const_new(());

/// Holds the machine for one test: no other of this binary runs meanwhile. For those that measure times and shares, or
/// capture the log.
async fn alone() -> RwLockWriteGuard<'static, ()> {
    MACHINE.write().await
}

/// Holds the machine together with others that do the same. For those that measure memory.
async fn together() -> RwLockReadGuard<'static, ()> {
    MACHINE.read().await
}
