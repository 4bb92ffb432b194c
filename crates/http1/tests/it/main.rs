//! What the codec makes of bytes, from outside.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod bodies;
mod connection;
mod differential;
mod endings;
mod exchanges;
mod refused;
mod requests;
mod responses;
mod roundtrips;
mod seen;
mod splits;
mod written;
