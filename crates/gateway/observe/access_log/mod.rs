//! The access log: one line for each request, written when the response's body ends or breaks off, or the client
//! leaves.

mod body;
mod layer;
mod line;
mod watch;

/// The name of the tracing event for each line. Its target is `access`.
pub(crate) const EVENT: &str = "access log line";

pub(crate) use layer::AccessLogLayer;
pub(crate) use line::Journey;
