//! The gate through its public API, with a module for each topic.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod allocations;
mod canary;
mod contract;
mod identity;
mod over_http;
mod support;
mod timing;
