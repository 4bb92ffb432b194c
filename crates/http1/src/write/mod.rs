//! Writing heads into a buffer that the caller keeps.

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

/// How long a body is, as far as that is known before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodySize {
    /// There is no body: no content and no trailers.
    None,
    /// It has this many bytes of content.
    Exactly(u64),
    /// Its length isn't known, or it ends with trailers.
    Unknown,
}
