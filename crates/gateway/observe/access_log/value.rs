//! The value of a field that is a text.

use std::fmt;
use std::net::IpAddr;

use http::{HeaderValue, Version};
use proxy_service::Target;

use super::shown::{Address, Escaped};
use crate::config::{TextField, TextMatch};
use crate::observe::request::Finished;

/// The value of a field that is a text. Its `Display` is safe in a line.
pub(super) enum Text<'a> {
    /// Of our own.
    Own(&'a str),
    /// What a client has sent.
    Sent(&'a [u8]),
    Address(IpAddr),
    Target(&'a Target),
}

impl<'a> Text<'a> {
    /// The value of this field. `None` if there is none.
    pub(super) fn of(field: TextField, finished: &Finished<'a>) -> Option<Self> {
        let asked = finished.asked;
        let sent = |value: &'a Option<HeaderValue>| value.as_ref().map(|value| Text::Sent(value.as_bytes()));
        match field {
            TextField::Id => finished.id().map(Text::Own),
            TextField::Client => asked.client.map(Text::Address),
            TextField::User => finished.user.map(|user| Text::Sent(user.name().as_bytes())),
            TextField::Method => asked.method.as_ref().map(|method| Text::Own(method.as_str())),
            TextField::Path => asked.uri.as_ref().map(|uri| Text::Sent(uri.path().as_bytes())),
            TextField::Host => asked.host().map(Text::Sent),
            TextField::Protocol => Some(Text::Own(name_of(asked.version))),
            TextField::Tls => asked.tls.map(Text::Own),
            TextField::UserAgent => sent(&asked.user_agent),
            TextField::Referrer => asked.referrer().map(Text::Sent),
            TextField::Route => finished.route.map(|route| Text::Own(route.name())),
            TextField::Upstream => finished.upstream.map(|upstream| Text::Target(upstream.target())),
            TextField::Error => finished.error().map(Text::Own),
            TextField::Ended => Some(Text::Own(finished.ended.as_str())),
        }
    }

    /// Whether it is so.
    pub(super) fn is(&self, so: &TextMatch) -> bool {
        match self {
            Self::Own(text) => matches(text.as_bytes(), so),
            Self::Sent(bytes) => matches(bytes, so),
            Self::Address(ip) => matches(ip.to_string().as_bytes(), so),
            Self::Target(target) => matches(target.to_string().as_bytes(), so),
        }
    }
}

fn matches(value: &[u8], so: &TextMatch) -> bool {
    match so {
        TextMatch::Is(text) => value == text.as_bytes(),
        TextMatch::Begins(text) => value.starts_with(text.as_bytes()),
    }
}

/// The name of a version of HTTP, as nginx and others write it.
pub(super) fn name_of(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "HTTP/0.9",
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2.0",
        Version::HTTP_3 => "HTTP/3.0",
        _ => "HTTP/1.1",
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(text) => f.write_str(text),
            Self::Sent(bytes) => Escaped(bytes).fmt(f),
            Self::Address(ip) => Address(*ip).fmt(f),
            Self::Target(target) => target.fmt(f),
        }
    }
}
