//! ```sh
//! RUSTFLAGS="--cfg model" cargo test -p models --profile models --target-dir target/loom
//! ```
//!
//! The models stand beside the code, in its tests.

#![cfg(all(test, model))]
#![allow(
    dead_code,
    missing_docs,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

#[path = "../../crates/gateway/observe/log"]
mod log {
    mod queue;
}

#[path = "../../crates/gateway/route/limits/rate"]
mod limits {
    mod cells;
}

#[path = "../../crates/gateway/serve"]
mod listener {
    mod handoff;
}

#[path = "../../crates/proxy-service/src/client/pool"]
mod connections {
    mod stack;
}
