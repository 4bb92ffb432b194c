//! What an operator sees of a gateway that runs. The rooms above write it, and it knows none of them.

pub(crate) mod access_log;
pub mod log;
