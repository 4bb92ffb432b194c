//! The access log: one line for each request, written when its answer has ended.

mod line;
mod shown;

/// The name of the tracing event for each line. Its target is `access`.
pub(crate) const EVENT: &str = "access log line";

pub(crate) use line::AccessLog;
