//! Texts with values of a request in them, such as `https://{host}{uri}`.

use std::fmt;
use std::ops::Range;

use http::HeaderName;

use super::super::super::braces::{Alone, Piece, pieces};
use super::super::super::suggest::nearest;

/// A text with values of a request in it, such as `https://{host}{uri}`. `{{` and `}}` stand for braces.
///
/// | name | value |
/// |---|---|
/// | `{path}` | the path as the client sent it, before anything was taken off or rewritten |
/// | `{path.NAME}`, `{NAME}` | what the route's pattern has captured under this name |
/// | `{query}` | the query as the client sent it, without the `?` |
/// | `{query.NAME}` | the first value of this name in the query |
/// | `{uri}` | path and query as the client sent them |
/// | `{host}` | the host that the client asked for, without its port |
/// | `{host_port}` | the same with its port, as it came |
/// | `{scheme}` | `http` or `https`, as the client or a trusted proxy says |
/// | `{method}` | the method |
/// | `{client_ip}` | the client's address; behind trusted proxies, the one that they name |
/// | `{request_id}` | the request's id |
/// | `{header.NAME}` | the first line of this header |
/// | `{cookie.NAME}` | the first cookie of this name |
/// | `{tls.subject}` | the subject of the client's certificate |
/// | `{tls.version}` | the version of TLS, such as `TLSv1.3` |
/// | `{upstream}` | in answers: the upstream that answered |
/// | `{status}` | in answers: the status |
///
/// A value that isn't there is empty. No value is ever decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteTemplate {
    parts: Vec<RoutePart>,
}

/// A piece of a [`RouteTemplate`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoutePart {
    /// Text that is the same for every request.
    Text(String),
    /// A value.
    Value(RouteValue),
}

/// A value of a request or its answer. [`RouteTemplate`] says what each is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteValue {
    /// `{path}`
    Path,
    /// `{path.NAME}`: the capture with this index.
    Capture(usize),
    /// `{query}`
    Query,
    /// `{query.NAME}`
    QueryParameter(String),
    /// `{uri}`
    Uri,
    /// `{host}`
    Host,
    /// `{host_port}`
    HostPort,
    /// `{scheme}`
    Scheme,
    /// `{method}`
    Method,
    /// `{client_ip}`
    ClientIp,
    /// `{request_id}`
    RequestId,
    /// `{header.NAME}`
    Header(HeaderName),
    /// `{cookie.NAME}`
    Cookie(String),
    /// `{tls.subject}`
    TlsSubject,
    /// `{tls.version}`
    TlsVersion,
    /// `{upstream}`
    Upstream,
    /// `{status}`
    Status,
}

/// What is wrong with a text that should be a [`RouteTemplate`], and at which of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// The bytes that are wrong.
    pub at: Range<usize>,
    /// What is wrong with them.
    pub what: String,
    /// What was expected instead.
    pub expected: String,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; expected {}", self.what, self.expected)
    }
}

impl std::error::Error for TemplateError {}

/// The values whose names are words.
const WORDS: [(&str, RouteValue); 13] = [
    ("path", RouteValue::Path),
    ("query", RouteValue::Query),
    ("uri", RouteValue::Uri),
    ("host", RouteValue::Host),
    ("host_port", RouteValue::HostPort),
    ("scheme", RouteValue::Scheme),
    ("method", RouteValue::Method),
    ("client_ip", RouteValue::ClientIp),
    ("request_id", RouteValue::RequestId),
    ("tls.subject", RouteValue::TlsSubject),
    ("tls.version", RouteValue::TlsVersion),
    ("upstream", RouteValue::Upstream),
    ("status", RouteValue::Status),
];

/// The values whose names begin so.
const FAMILIES: [&str; 3] = ["query.NAME", "header.NAME", "cookie.NAME"];

/// Headers that no template may name: they are secrets between a client and the gateway.
const SECRETS: [&str; 2] = ["x-admin-token", "x-gateway-pick"];

impl RouteTemplate {
    /// Reads a template for a request. `captures` are the names that the route's pattern captures, in its order.
    ///
    /// # Errors
    /// A name that isn't known or is known of answers only, a brace that stands alone, or a control character.
    pub fn compile(text: &str, captures: &[Box<str>]) -> Result<Self, TemplateError> {
        Self::read(text, captures, |value| !value.is_of_the_answer())
    }

    /// Reads a template for an answer, which may also name `{upstream}` and `{status}`.
    ///
    /// # Errors
    /// As [`compile`](Self::compile).
    pub fn compile_for_answers(text: &str, captures: &[Box<str>]) -> Result<Self, TemplateError> {
        Self::read(text, captures, |_| true)
    }

    /// Its pieces, in their order. No two texts follow each other, and none is empty.
    pub fn parts(&self) -> &[RoutePart] {
        &self.parts
    }

    /// The text, if it is the same for every request.
    pub fn constant(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [RoutePart::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Its values, in their order.
    pub fn values(&self) -> impl Iterator<Item = &RouteValue> {
        self.parts.iter().filter_map(|part| match part {
            RoutePart::Text(_) => None,
            RoutePart::Value(value) => Some(value),
        })
    }

    fn read(
        text: &str,
        captures: &[Box<str>],
        is_known: impl Fn(&RouteValue) -> bool,
    ) -> Result<Self, TemplateError> {
        if text.chars().any(char::is_control) {
            return Err(error(0..text.len(), "there is a control character in it", "text on one line"));
        }
        let pieces = pieces(text).map_err(|Alone(at)| error(at..at + 1, Alone::WHAT, Alone::EXPECTED))?;
        let parts = pieces.into_iter().map(|piece| match piece {
            Piece::Text(text) => Ok(RoutePart::Text(text)),
            Piece::Name(name, at) => match value(name, captures) {
                Some(value) if is_known(&value) => Ok(RoutePart::Value(value)),
                Some(_) => Err(error(at, format!("{name} is known of answers only"), REQUESTS)),
                None => Err(error(at, unknown(name), expected(name, captures))),
            },
        });
        Ok(Self { parts: parts.collect::<Result<_, _>>()? })
    }
}

const REQUESTS: &str = "a value of the request";

impl RouteValue {
    /// Whether it is known only when there is an answer.
    pub fn is_of_the_answer(&self) -> bool {
        matches!(self, Self::Upstream | Self::Status)
    }
}

fn error(at: Range<usize>, what: impl Into<String>, expected: impl Into<String>) -> TemplateError {
    TemplateError { at, what: what.into(), expected: expected.into() }
}

fn value(name: &str, captures: &[Box<str>]) -> Option<RouteValue> {
    if let Some((_, value)) = WORDS.into_iter().find(|(word, _)| *word == name) {
        return Some(value);
    }
    let capture =
        |name: &str| captures.iter().position(|capture| **capture == *name).map(RouteValue::Capture);
    match name.split_once('.') {
        None => capture(name),
        Some(("path", name)) => capture(name),
        Some(("query", name)) => (!name.is_empty()).then(|| RouteValue::QueryParameter(name.to_owned())),
        Some(("cookie", name)) => (!name.is_empty()).then(|| RouteValue::Cookie(name.to_owned())),
        Some(("header", name)) => {
            let name = name.parse().ok().filter(|name: &HeaderName| !SECRETS.contains(&name.as_str()));
            name.map(RouteValue::Header)
        }
        Some(_) => None,
    }
}

fn unknown(name: &str) -> String {
    match name.strip_prefix("path.") {
        Some(capture) => format!("the route's path captures no \"{}\"", capture.escape_debug()),
        None => format!("\"{}\" is no value", name.escape_debug()),
    }
}

/// What is expected instead of a name that isn't known.
fn expected(name: &str, captures: &[Box<str>]) -> String {
    let group = name.strip_prefix("path.").unwrap_or(name);
    if !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()) {
        return "a group with a name: (?<NAME>...) in regex is {path.NAME}".to_owned();
    }
    let captured: Vec<String> = captures.iter().map(|capture| format!("path.{capture}")).collect();
    let captured = captured.iter().map(String::as_str);
    let names: Vec<&str> = WORDS.iter().map(|(word, _)| *word).chain(captured).chain(FAMILIES).collect();
    let all = names.join(", ");
    match nearest(name, names) {
        Some(nearest) => format!("one of {all} (did you mean {nearest}?)"),
        None => format!("one of {all}"),
    }
}

#[cfg(test)]
mod tests;
