//! How much of a request's body is read before an upstream is asked: `BufferLayer`, the memory for it, and the bodies that
//! come of it.

mod layer;
mod memory;
mod reading;
mod replay;

pub use self::layer::{BufferLayer, Buffered, BufferedRequest};
pub use self::memory::Memory;
pub use self::replay::Replay;

#[cfg(test)]
mod tests;
