//! One line a request, written when its body ends: whoever ended it.

mod body;
mod layer;
mod line;

pub(crate) use layer::AccessLogLayer;
pub(crate) use line::Journey;
