//! One line a request, written when its body ends: whoever ended it.

mod body;
mod layer;
mod line;

/// The name of the tracing event that a line is; its target is `access`.
pub(crate) const EVENT: &str = "access log line";

pub(crate) use layer::AccessLogLayer;
pub(crate) use line::Journey;
