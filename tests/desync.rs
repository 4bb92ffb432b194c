//! Where one message ends and the next begins: threats.md T1 and T4 to T10 (T2 and T3 are the upgrades').
//!
//! The client sends exact bytes; the upstreams are the strict recorder and two parsers of other people's, hyper's and
//! nginx's, which must read the same requests out of what the gateway sends.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

#[path = "desync/chunks.rs"]
mod chunks;
#[path = "desync/early_answers.rs"]
mod early_answers;
#[path = "desync/extra_answers.rs"]
mod extra_answers;
#[path = "desync/grid.rs"]
mod grid;
#[path = "desync/h2_lengths.rs"]
mod h2_lengths;
#[path = "desync/heads.rs"]
mod heads;
#[path = "desync/local_answers.rs"]
mod local_answers;
#[path = "desync/parsers.rs"]
mod parsers;
#[path = "desync/smuggling.rs"]
mod smuggling;
#[path = "desync/vectors.rs"]
mod vectors;
