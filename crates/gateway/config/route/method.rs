//! Methods, as conditions and as what a request goes on with.

use http::Method;

use crate::config::report::Problem;
use crate::config::values::{self, Value, quoted};

/// Those whose small letters are a slip.
const USUAL: [Method; 8] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
    Method::CONNECT,
];

/// Reads a method. `expected` is for errors.
pub(super) fn method(value: &Value<'_>, expected: &str) -> Result<Method, Problem> {
    let text = values::text(value, expected)?;
    let refuse =
        |why: &str| Problem::new(value.span(), format!("{} {why}", quoted(text))).expecting(expected);
    let method = Method::from_bytes(text.as_bytes()).map_err(|_| refuse("is no method"))?;
    let is_slip = USUAL.iter().any(|usual| *usual != method && usual.as_str().eq_ignore_ascii_case(text));
    match is_slip {
        true => Err(refuse("has small letters, and methods are compared with their case")),
        false => Ok(method),
    }
}
