//! `Host`: what is valid, and what the upstream is sent.

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;

/// Which `Host` an upstream is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostPolicy {
    /// The target's own authority.
    #[default]
    Target,
    /// The client's, as it came: `Host`, or `:authority` over HTTP/2. If the client sent none, the target's.
    Preserve,
    /// This one, for every request.
    Name(HostName),
}

impl HostPolicy {
    pub(crate) fn choose(&self, of_target: &HeaderValue, received: Option<&HeaderValue>) -> HeaderValue {
        match (self, received) {
            (Self::Preserve, Some(received)) => received.clone(),
            (Self::Name(HostName(name)), _) => name.clone(),
            _ => of_target.clone(),
        }
    }
}

/// A host, and a port if there is one, as `Host` has them (RFC 9110 §7.2).
///
/// ```
/// use proxy_service::{HostName, HostPolicy};
///
/// let policy = HostPolicy::Name("app.internal:8080".parse()?);
/// assert!("app.internal/v1".parse::<HostName>().is_err());
/// # Ok::<(), proxy_service::InvalidHostName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(HeaderValue);

impl HostName {
    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

impl FromStr for HostName {
    type Err = InvalidHostName;

    /// # Errors
    /// If it is no host, or has anything besides host and port.
    fn from_str(text: &str) -> Result<Self, InvalidHostName> {
        let value = Some(text).filter(|text| is_valid(text.as_bytes()));
        let value = value.and_then(|text| HeaderValue::from_str(text).ok());
        value.map(Self).ok_or(InvalidHostName)
    }
}

/// A text is no [`HostName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidHostName;

impl fmt::Display for InvalidHostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a host, such as app.internal or app.internal:8080")
    }
}

impl std::error::Error for InvalidHostName {}

/// Whether a `Host` is valid: `uri-host [ ":" port ]` (RFC 9110 §7.2). It is stricter than the grammar: not empty, no
/// list, no user name.
pub(crate) fn is_valid(host: &[u8]) -> bool {
    // Most are a name alone.
    is_name(host) || is_valid_with_port_or_literal(host)
}

fn is_valid_with_port_or_literal(host: &[u8]) -> bool {
    let (name, port) = match host.iter().rposition(|byte| *byte == b':') {
        Some(colon) if !host.ends_with(b"]") => {
            let (name, port) = host.split_at(colon);
            (name, Some(port))
        }
        _ => (host, None),
    };
    port.is_none_or(is_port) && (is_ip_literal(name) || is_name(name))
}

fn is_port(with_colon: &[u8]) -> bool {
    let digits = with_colon.strip_prefix(b":").unwrap_or(with_colon);
    std::str::from_utf8(digits).is_ok_and(|digits| {
        digits.is_empty() || (digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok())
    })
}

fn is_ip_literal(name: &[u8]) -> bool {
    let inner = name.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
    inner
        .and_then(|inner| std::str::from_utf8(inner).ok())
        .is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok())
}

/// Whether a name is made of labels between dots. Each label needs something other than a hyphen, and a dot may
/// follow the last. Underscores are allowed, though RFC 1123 §2.1 forbids them: real hosts have them. Percent-encoding
/// is not, though RFC 3986 §3.2.2 allows it: an encoded name would be another one for the routes than for an upstream.
fn is_name(name: &[u8]) -> bool {
    let relative = name.strip_suffix(b".").unwrap_or(name);
    let mut is_label_named = false;
    for byte in relative {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'~' => is_label_named = true,
            b'.' if is_label_named => is_label_named = false,
            b'-' => {}
            _ => return false,
        }
    }
    is_label_named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_is_sent() {
        let (target, received) = (HeaderValue::from_static("t:1"), HeaderValue::from_static("c:2"));
        for (policy, with_one, with_none) in [
            (HostPolicy::Target, "t:1", "t:1"),
            (HostPolicy::Preserve, "c:2", "t:1"),
            (HostPolicy::Name("n:3".parse().unwrap()), "n:3", "n:3"),
        ] {
            assert_eq!(policy.choose(&target, Some(&received)), with_one);
            assert_eq!(policy.choose(&target, None), with_none);
        }
    }

    #[test]
    fn valid() {
        for host in [
            "a",
            "a.b-c_d",
            "127.0.0.1",
            "a:80",
            "a:",
            "[::1]",
            "[::1]:80",
            "xn--bcher-kva.example",
            "example.com.",
            "example.com.:80",
            "_http.a",
            "-a.b-",
        ] {
            assert!(is_valid(host.as_bytes()), "{host}");
            assert_eq!(host.parse::<HostName>().unwrap().as_str(), host);
        }
    }

    #[test]
    fn invalid() {
        for host in [
            "", ":80", "a, b", "a,b", "a b", "a@b", "u:p@b", "a:b", "a:99999", "a:+1", "a:1:2", "[::1",
            "::1", "[zz]", "[]", "a/b", "a?b", "a#b", "[::1]x", "a\u{e9}", ".", "..", ".:80", "-", "-:80",
            "--", "-.a", ".a", "a..", "a..b", "a.-.b", "a%2eb",
        ] {
            assert!(!is_valid(host.as_bytes()), "{host}");
            assert!(host.parse::<HostName>().is_err(), "{host}");
        }
    }
}
