//! The buffers between a connection's state and its socket.

mod read;
mod write;

pub use self::read::ReadBuffer;
pub use self::write::{Framed, Slices, WriteBuffer};
