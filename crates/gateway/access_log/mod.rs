//! One line a request, written when its body ends: whoever ended it.

mod body;
mod layer;
mod line;

pub(crate) use body::LogBody;
pub(crate) use layer::{AccessLog, AccessLogLayer};
pub(crate) use line::{RouteName, Tries};
