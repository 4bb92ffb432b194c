//! The one place that says what an upstream is. Stands in for `proxy_service::Target` until that lands: replace
//! this file's content by `pub(super) use proxy_service::Target;` (and the re-export in `model.rs`).

use std::fmt;
use std::str::FromStr;

/// Stand-in for `proxy_service::Target`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target(http::Uri);

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        let invalid = |found| InvalidTarget { text: text.to_owned(), found };
        let uri: http::Uri = text.parse().map_err(|_| invalid("no URI"))?;
        match uri.scheme_str() {
            Some("http" | "https") => Ok(Self(uri)),
            Some(_) => Err(invalid("another scheme")),
            None => Err(invalid("no scheme")),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_string().trim_end_matches('/'))
    }
}

/// Stand-in for `proxy_service::InvalidTarget`.
#[derive(Clone, Debug)]
pub struct InvalidTarget {
    text: String,
    found: &'static str,
}

impl fmt::Display for InvalidTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected http://HOST[:PORT][/BASE], found {} in {:?}", self.found, self.text)
    }
}
