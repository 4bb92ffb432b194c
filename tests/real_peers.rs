//! Other people's software on both sides: curl in front, nginx behind, gRPC in front and behind.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

#[path = "real_peers/curl.rs"]
mod curl;
#[path = "real_peers/grpc.rs"]
mod grpc;
#[path = "real_peers/nginx.rs"]
mod nginx;
