//! Fields that a message may have once.

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// More than one line of such a field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeated;

/// The only value of a field, if there is one.
pub(crate) fn only(headers: &HeaderMap, name: HeaderName) -> Result<Option<&HeaderValue>, Repeated> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(Repeated),
    }
}
