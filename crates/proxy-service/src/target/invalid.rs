//! Why a text is not a valid upstream.

use std::fmt;

/// Why a text is not a valid [`Target`](crate::Target). Its `Display` says what was expected and what was found, without
/// what may be a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTarget {
    text: String,
    found: Found,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    NotAUri,
    NoScheme,
    OtherScheme,
    TlsIsOff,
    Userinfo,
    Authority,
    /// Resolvers and `Host` take only ASCII.
    International,
    Query,
    Path,
    Socket(FoundSocket),
}

/// What is wrong with a target that is spelled as a Unix socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FoundSocket {
    Tls,
    NoFile,
    Control,
    Unfit,
    Query,
    AfterSocket,
}

impl InvalidTarget {
    pub(super) fn new(text: &str, found: Found) -> Self {
        Self { text: without_password(text), found }
    }

    #[cfg(test)]
    pub(super) fn found(&self) -> Found {
        self.found
    }
}

/// What is before an `@` may be a password, which errors must not bring into logs.
fn without_password(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    match rest.rsplit_once('@') {
        Some((_, host)) if scheme.is_empty() => format!("***@{host}"),
        Some((_, host)) => format!("{scheme}://***@{host}"),
        None => text.to_owned(),
    }
}

impl Found {
    fn expected(self) -> &'static str {
        match self {
            Self::Socket(_) => "http://unix:/SOCKET[:/BASE]",
            Self::International => "http://HOST[:PORT][/BASE] with the host in its xn-- form (RFC 5890)",
            _ => "http://HOST[:PORT][/BASE]",
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAUri => "no URI",
            Self::NoScheme => "no scheme",
            Self::OtherScheme => "another scheme than http or https",
            Self::TlsIsOff => "https, which needs the feature `tls`,",
            Self::Userinfo => "a user name or password",
            Self::Authority => "no valid host and port",
            Self::International => "a host in other letters than ASCII's",
            Self::Query => "a query or fragment",
            Self::Path => "a base path with dot segments, backslashes, control characters or more than ASCII",
            Self::Socket(found) => return found.fmt(f),
        })
    }
}

impl fmt::Display for FoundSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls => "TLS, which is not spoken over a Unix socket,",
            Self::NoFile => "no file name for the socket",
            Self::Control => "a socket path with control characters",
            Self::Unfit if cfg!(unix) => "a socket path that is too long for this system",
            Self::Unfit => "a Unix socket, which this system doesn't have,",
            Self::Query => "a query or fragment",
            Self::AfterSocket => "something other than :/BASE after the socket",
        })
    }
}

impl fmt::Display for InvalidTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {} in {:?}", self.found.expected(), self.found, self.text)
    }
}

impl std::error::Error for InvalidTarget {}
