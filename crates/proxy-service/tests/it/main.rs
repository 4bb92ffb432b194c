//! The proxy service and its client through their public API, over real sockets, with a module for each topic.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod bound;
mod dial;
mod http2;
mod informational;
mod lost;
mod max_connections;
mod once;
mod peer_layer;
mod pool;
mod stages;
mod support;
#[cfg(feature = "tls")]
mod tls;
