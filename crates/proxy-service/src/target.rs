//! Where requests go: one upstream, parsed once.

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;
use http::uri::{Authority, PathAndQuery, Scheme, Uri};

use crate::path;

/// One upstream: scheme, authority and base path, parsed once so that no request pays for it.
///
/// Cheap to clone: every part is reference-counted.
///
/// ```
/// use proxy_service::Target;
///
/// let target: Target = "http://127.0.0.1:9001/v1".parse()?;
/// assert_eq!(target.to_string(), "http://127.0.0.1:9001/v1");
///
/// let error = "127.0.0.1:9001".parse::<Target>().unwrap_err();
/// assert_eq!(error.to_string(), "expected http://HOST[:PORT][/BASE], found no scheme in \"127.0.0.1:9001\"");
/// # Ok::<(), proxy_service::InvalidTarget>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Target {
    scheme: Scheme,
    authority: Authority,
    base: Option<PathAndQuery>,
    host: HeaderValue,
}

impl Target {
    /// `http` or `https`.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Host and, if one was given, port.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The path put before each request's own: empty, or `/…` without a slash at its end.
    pub fn base_path(&self) -> &str {
        self.base.as_ref().map_or("", PathAndQuery::path)
    }

    /// The `Host` value that this upstream expects (RFC 9110 §7.2).
    pub(crate) fn host(&self) -> &HeaderValue {
        &self.host
    }
}

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        let invalid = |found| InvalidTarget { text: text.to_owned(), found };
        let uri: Uri = text.parse().map_err(|_| invalid(Found::NotAUri))?;
        let parts = uri.into_parts();
        let authority = parts.authority.ok_or_else(|| invalid(Found::NoScheme))?;
        let scheme = parts.scheme.ok_or_else(|| invalid(Found::NoScheme))?;
        if scheme == Scheme::HTTPS && !cfg!(feature = "tls") {
            return Err(invalid(Found::TlsIsOff));
        }
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(invalid(Found::OtherScheme));
        }
        if authority.as_str().contains('@') {
            return Err(invalid(Found::Userinfo));
        }
        if !crate::headers::host::is_valid(authority.as_str().as_bytes()) || authority.port_u16() == Some(0) {
            return Err(invalid(Found::Authority));
        }
        let path = parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        if path.query().is_some() || text.contains('#') {
            return Err(invalid(Found::Query));
        }
        path::check(path.path()).map_err(|_| invalid(Found::Path))?;
        let base = match path.path().trim_end_matches('/') {
            "" => None,
            base => Some(base.parse().map_err(|_| invalid(Found::Path))?),
        };
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| invalid(Found::Authority))?;
        Ok(Self { scheme, authority, base, host })
    }
}

impl TryFrom<&str> for Target {
    type Error = InvalidTarget;

    fn try_from(text: &str) -> Result<Self, InvalidTarget> {
        text.parse()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.base_path())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

/// A text that is no upstream; its `Display` says what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTarget {
    text: String,
    found: Found,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    NotAUri,
    NoScheme,
    OtherScheme,
    TlsIsOff,
    Userinfo,
    Authority,
    Query,
    Path,
}

impl fmt::Display for InvalidTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = match self.found {
            Found::NotAUri => "no URI",
            Found::NoScheme => "no scheme",
            Found::OtherScheme => "another scheme than http or https",
            Found::TlsIsOff => "https, which needs the feature `tls`,",
            Found::Userinfo => "a user name or password",
            Found::Authority => "no valid host and port",
            Found::Query => "a query or fragment",
            Found::Path => "a base path with dot segments or control characters",
        };
        write!(f, "expected http://HOST[:PORT][/BASE], found {found} in {:?}", self.text)
    }
}

impl std::error::Error for InvalidTarget {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_targets() {
        for (text, base, shown) in [
            ("http://a", "", "http://a"),
            ("http://a/", "", "http://a"),
            ("http://127.0.0.1:9001", "", "http://127.0.0.1:9001"),
            ("http://[::1]:9001/v1", "/v1", "http://[::1]:9001/v1"),
            ("http://a/v1/", "/v1", "http://a/v1"),
            ("http://a/v1%2Fx", "/v1%2Fx", "http://a/v1%2Fx"),
        ] {
            let target: Target = text.parse().unwrap();
            assert_eq!((target.base_path(), target.to_string().as_str()), (base, shown), "{text}");
        }
    }

    #[test]
    fn bad_targets_say_why() {
        for (text, found) in [
            ("", Found::NotAUri),
            ("a b", Found::NotAUri),
            ("127.0.0.1:9001", Found::NoScheme),
            ("/v1", Found::NoScheme),
            ("ftp://a", Found::OtherScheme),
            ("http://u:p@a", Found::Userinfo),
            ("http://a:0", Found::Authority),
            ("http://a:99999", Found::Authority),
            ("http://a?x", Found::Query),
            ("http://a/#x", Found::Query),
            ("http://a/v1/../x", Found::Path),
            ("http://a/%00", Found::Path),
        ] {
            assert_eq!(text.parse::<Target>().map_err(|e| e.found), Err(found), "{text}");
        }
    }

    #[test]
    fn https_needs_the_feature() {
        assert_eq!("https://a".parse::<Target>().is_ok(), cfg!(feature = "tls"));
    }
}
