//! Every header rule of a gateway, on the wire, both ways.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

#[path = "headers/bodiless.rs"]
mod bodiless;
#[path = "headers/forwarded.rs"]
mod forwarded;
#[path = "headers/framing.rs"]
mod framing;
#[path = "headers/hop_by_hop.rs"]
mod hop_by_hop;
#[path = "headers/host.rs"]
mod host;
#[path = "headers/request_id.rs"]
mod request_id;
#[path = "headers/via.rs"]
mod via;
