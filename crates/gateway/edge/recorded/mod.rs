//! The layer that follows each request until its answer has ended.

mod asked;
mod body;
mod layer;
mod upload;

pub(crate) use self::layer::RecordLayer;
