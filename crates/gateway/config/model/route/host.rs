//! The hosts that a route takes requests for.

use std::error::Error;
use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// The longest name of a host in bytes (RFC 1035 §2.3.4).
pub(crate) const LONGEST_HOST: usize = 255;

/// A host or all hosts below a domain. A request's host is compared without its port, without a dot at its end, and in
/// any case of letters.
///
/// ```
/// use gateway::config::HostPattern;
///
/// assert_eq!("API.example.com.".parse(), Ok(HostPattern::Name("api.example.com".into())));
/// assert_eq!("*.example.com".parse(), Ok(HostPattern::Below("example.com".into())));
/// assert!("*".parse::<HostPattern>().is_err());
/// assert!("example.com:80".parse::<HostPattern>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostPattern {
    /// This name or IPv4 address, in lower case.
    Name(Box<str>),
    /// This IPv6 address, however it is written.
    Address(Ipv6Addr),
    /// All names below this one, in lower case: one more label or several. Not the name itself.
    Below(Box<str>),
}

impl HostPattern {
    /// Whether some host fits both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Below(domain), Self::Name(name) | Self::Below(name))
            | (Self::Name(name), Self::Below(domain))
                if is_below(name, domain) =>
            {
                true
            }
            (Self::Below(name), Self::Below(domain)) => name == domain || is_below(name, domain),
            _ => self == other,
        }
    }
}

fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|labels| labels.len() > 1 && labels.ends_with('.'))
}

impl FromStr for HostPattern {
    type Err = InvalidHost;

    fn from_str(text: &str) -> Result<Self, InvalidHost> {
        const NAME: &str = "a name such as \"api.example.com\" or \"*.example.com\"";
        let address = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Ok(address) = address.parse() {
            return Ok(Self::Address(address));
        }
        if text == "*" {
            return Err(InvalidHost::new("would take every host", "no host for that"));
        }
        if text.contains("://") {
            return Err(InvalidHost::new(
                "has a scheme",
                format!("{NAME}, and scheme = \"https\" beside it"),
            ));
        }
        if text.contains(':') {
            return Err(InvalidHost::new(
                "has a port",
                format!("{NAME}: hosts are compared without their port"),
            ));
        }
        let (domain, name) = match text.strip_prefix("*.") {
            Some(domain) => (true, domain),
            None => (false, text),
        };
        let name = name.strip_suffix('.').unwrap_or(name);
        if !name.is_ascii() {
            return Err(InvalidHost::new("has letters outside ASCII", "its xn-- form (RFC 5890)"));
        }
        let is_label = |label: &str| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if name.contains('*') {
            return Err(InvalidHost::new("has a * that isn't its whole first label", NAME));
        }
        if name.len() > LONGEST_HOST || !name.split('.').all(is_label) {
            return Err(InvalidHost::new("is no name of a host", NAME));
        }
        let name = name.to_ascii_lowercase().into();
        Ok(if domain { Self::Below(name) } else { Self::Name(name) })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(address) => write!(f, "[{address}]"),
            Self::Below(domain) => write!(f, "*.{domain}"),
        }
    }
}

/// Why a text is no host of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidHost {
    /// What is wrong with it, such as `has a port`.
    pub why: String,
    /// What was expected instead.
    pub expected: String,
}

impl InvalidHost {
    fn new(why: &str, expected: impl Into<String>) -> Self {
        Self { why: why.to_owned(), expected: expected.into() }
    }
}

impl fmt::Display for InvalidHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the host {}; expected {}", self.why, self.expected)
    }
}

impl Error for InvalidHost {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_in_every_usual_form() {
        for (text, shown) in [
            ("Example.COM", "example.com"),
            ("example.com.", "example.com"),
            ("*.Example.org", "*.example.org"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("0:0::1", "[::1]"),
            ("_dmarc.example", "_dmarc.example"),
        ] {
            assert_eq!(text.parse::<HostPattern>().unwrap().to_string(), shown);
        }
        for text in [
            "",
            ".",
            "*",
            "*.",
            "a..b",
            "a.*.b",
            "*a.b",
            "a:80",
            "http://a",
            "a b",
            "ä.example",
            "[::1",
            "a/b",
        ] {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
    }

    #[test]
    fn hosts_overlap_if_one_host_fits_both() {
        for (one, other, overlaps) in [
            ("a.example", "A.example", true),
            ("a.example", "b.example", false),
            ("*.example", "a.example", true),
            ("*.example", "a.b.example", true),
            ("*.example", "example", false),
            ("*.example", "aexample", false),
            ("*.example", "*.example", true),
            ("*.example", "*.b.example", true),
            ("*.a.example", "*.b.example", false),
            ("::1", "[0::1]", true),
        ] {
            let (one, other): (HostPattern, HostPattern) = (one.parse().unwrap(), other.parse().unwrap());
            assert_eq!(one.overlaps(&other), overlaps, "{one} {other}");
            assert_eq!(other.overlaps(&one), overlaps, "{other} {one}");
        }
    }
}
