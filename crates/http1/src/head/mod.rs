//! Reading heads.

mod diagnosis;
mod fields;
mod parsed;
mod refused;
mod request;
mod response;
mod search;
mod target;

pub(crate) use self::diagnosis::is_token;
pub(crate) use self::fields::{Coding, Noted, trailers};
pub use self::refused::RefusedHead;
pub(crate) use self::request::read_request;
pub(crate) use self::response::read_response;
pub(crate) use self::search::Search;
