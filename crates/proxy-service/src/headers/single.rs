//! Headers that a message may have only once.

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// The header has more than one line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeated;

/// The value of a header's only line, if there is one.
pub(crate) fn only(headers: &HeaderMap, name: HeaderName) -> Result<Option<&HeaderValue>, Repeated> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(Repeated),
    }
}
