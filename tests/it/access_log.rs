//! The access log of the real binary: one line for each request, written when its body ends.

mod chosen;
mod complete;
mod ended;
mod endings;
mod fields;
mod files;
mod forms;
mod injection;
mod json;
pub(crate) mod logged;
mod refused;
mod reloaded;
mod syslog;
