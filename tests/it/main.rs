//! The gateway from outside, over real sockets: one binary with a module for each topic, because every binary takes its time
//! to link.
//!
//! Tests beside which no other may run are in `tests/alone`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod access_log;
mod acme;
mod affinity;
mod allocations;
mod answers;
mod architecture;
mod arrows;
mod backend;
mod binary;
mod bound;
mod capacity;
mod commands;
mod connections;
mod cross_talk;
mod ctl;
mod desync;
mod discovery;
mod docs;
mod embedding;
mod entry;
mod errors;
mod expect;
mod explain;
mod failover;
mod fidelity;
mod from;
mod gate_bypass;
mod grpc;
mod h2_abuse;
mod hashing;
mod headers;
mod hedging;
mod identity;
mod interim;
mod limits;
mod listener;
mod listeners;
mod locks;
mod many_pools;
mod metrics;
mod operator;
mod page;
mod pages;
mod panic;
mod pick;
mod probes;
mod proxy_protocol;
#[cfg(target_os = "linux")]
mod quiet;
mod real_peers;
mod reload;
mod retries;
mod rewriting;
mod rings;
mod routing;
mod splitting;
mod streaming;
mod support;
mod support_selftest;
mod timeouts;
#[cfg(feature = "tls")]
mod tls;
mod traces;
mod trailers;
#[cfg(feature = "tls")]
mod upstream_tls;
mod websocket;
mod wire_facts;
mod workers;
