//! Bodies, in both directions.

mod chunks;
mod content;
mod extension;
mod reader;
mod trailers;
mod writer;

pub(crate) use self::extension::Padding;
pub use self::reader::Piece;
pub(crate) use self::reader::Reader;
pub(crate) use self::writer::Writer;
