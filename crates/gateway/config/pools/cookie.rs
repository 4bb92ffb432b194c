//! Checks the names of cookies.

use crate::config::report::Problem;
use crate::config::values::{self, Value};

/// What [`is_name`] accepts, for errors.
pub(in crate::config) const NAME: &str = "1 to 256 letters, digits and !#$%&'*+-.^_`|~";

/// Whether `text` is a token (RFC 6265 §4.1.1, which refers to RFC 2616 §2.2) of at most 256 bytes.
pub(crate) fn is_name(text: &str) -> bool {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    (1..=256).contains(&text.len()) && text.bytes().all(is_token)
}

/// Reads the name of a cookie.
pub(in crate::config) fn name(value: &Value<'_>) -> Result<String, Problem> {
    let text = values::text(value, NAME)?;
    let refused = || {
        let message = format!("{} is no name for a cookie", values::quoted(text));
        Problem::new(value.span(), message).expecting(NAME)
    };
    is_name(text).then(|| text.to_owned()).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tokens() {
        for name in ["gw", "__Host-gw", "a.b", "!#$%&'*+-.^_`|~", "7", &"x".repeat(256)] {
            assert!(is_name(name), "{name}");
        }
        let separators = "()<>@,;:\\\"/[]?={} \t\r\n\0\x7f".chars().map(|c| format!("a{c}b"));
        for name in separators.chain(["".to_owned(), "é".to_owned(), "x".repeat(257)]) {
            assert!(!is_name(&name), "{name:?}");
        }
    }
}
