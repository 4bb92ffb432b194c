//! No files import each other in a ring: see `it/rings/mod.rs`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "it/rings/mod.rs"]
mod rings;
