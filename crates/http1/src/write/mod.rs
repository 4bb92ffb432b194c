//! Writing heads, each into a buffer that the connection keeps.

mod date;
mod fields;
mod request;
mod response;

pub use self::date::HttpDate;
pub use self::fields::HeaderCase;
pub(crate) use self::fields::put_fields;
pub use self::request::RequestHead;
pub(crate) use self::request::{Closes, WrittenRequest, write_request};
pub use self::response::ResponseHead;
pub(crate) use self::response::{Persistence, Responding, write_interim, write_response};

/// What is known of a body before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodySize {
    /// There is none: no byte, no trailers.
    None,
    /// So many bytes of content.
    Exactly(u64),
    /// It isn't known where it ends, or it ends with trailers.
    Unknown,
}
