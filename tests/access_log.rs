//! The access log of the real binary: one line a request, when its body ends.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

#[path = "access_log/complete.rs"]
mod complete;
#[path = "access_log/endings.rs"]
mod endings;
#[path = "access_log/fields.rs"]
mod fields;
#[path = "access_log/injection.rs"]
mod injection;
#[path = "access_log/json.rs"]
mod json;
#[path = "access_log/logged.rs"]
mod logged;
