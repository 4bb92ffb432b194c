//! The admin gate can't be walked around: threats.md T20, exhaustively, and by hand; and it can't be opened with anything
//! but exactly one right token.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

#[path = "gate_bypass/exhaustive.rs"]
mod exhaustive;
#[path = "gate_bypass/models.rs"]
mod models;
#[path = "gate_bypass/paths.rs"]
mod paths;
#[path = "gate_bypass/tokens.rs"]
mod tokens;
