//! Proves the test support itself: an oracle that accepts garbage proves nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

#[path = "support_selftest/client.rs"]
mod client;
#[path = "support_selftest/faulty.rs"]
mod faulty;
#[path = "support_selftest/load.rs"]
mod load;
#[path = "support_selftest/others.rs"]
mod others;
#[path = "support_selftest/recorder.rs"]
mod recorder;
#[path = "support_selftest/script.rs"]
mod script;
