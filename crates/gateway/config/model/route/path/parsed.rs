//! Takes a path of the configuration apart.

use std::error::Error;
use std::fmt;

use crate::config::values::quoted;

/// The most segments that a path in the configuration has.
const MOST_SEGMENTS: usize = 64;

/// What a segment of a pattern is.
pub(super) enum Piece<'a> {
    Literal,
    Name { before: &'a str, name: &'a str, after: &'a str },
    Rest(&'a str),
}

impl<'a> Piece<'a> {
    pub(super) fn read(segment: &'a str) -> Result<Self, InvalidPath> {
        let unpaired =
            || InvalidPath::new("has a brace without its other one", "\"/users/{id}\" or \"/files/{*rest}\"");
        let Some((before, rest)) = segment.split_once('{') else {
            return if segment.contains('}') {
                Err(unpaired())
            } else {
                checked(segment).map(|()| Self::Literal)
            };
        };
        let (name, after) = rest.split_once('}').ok_or_else(unpaired)?;
        if after.contains('{') {
            return Err(InvalidPath::new("has two names in one segment", "one name between two slashes"));
        }
        if before.contains('}') || after.contains('}') {
            return Err(unpaired());
        }
        checked(before)?;
        checked(after)?;
        let whole = name.strip_prefix('*');
        if !is_name(whole.unwrap_or(name)) {
            return Err(InvalidPath::new(
                format!("has the name {name:?}"),
                "a name of letters, digits and _ that begins with a letter or _",
            ));
        }
        match whole {
            None => Ok(Self::Name { before, name, after }),
            Some(name) if before.is_empty() && after.is_empty() => Ok(Self::Rest(name)),
            Some(_) => Err(InvalidPath::new("has {*…} beside other letters", "{*rest} as a whole segment")),
        }
    }
}

/// The segments of a path, of which only the last may be empty.
pub(super) fn split(text: &str) -> Result<Vec<&str>, InvalidPath> {
    let Some(segments) = text.strip_prefix('/') else {
        return Err(InvalidPath::new("doesn't begin with a slash", tidied(text)));
    };
    let segments: Vec<_> = segments.split('/').collect();
    let before_last = segments.get(..segments.len() - 1).unwrap_or_default();
    if before_last.iter().any(|segment| segment.is_empty()) {
        return Err(InvalidPath::new("has an empty segment", tidied(text)));
    }
    if segments.iter().any(|segment| *segment == "." || *segment == "..") {
        return Err(InvalidPath::new("has a dot segment", "a path without . and .."));
    }
    if segments.len() > MOST_SEGMENTS {
        let why = format!("has {} segments", segments.len());
        return Err(InvalidPath::new(why, format!("at most {MOST_SEGMENTS}")));
    }
    Ok(segments)
}

/// The path with its slashes put right, as a suggestion, if the result is a valid prefix.
pub(super) fn tidied(text: &str) -> String {
    let segments: Vec<_> = text.split('/').filter(|segment| !segment.is_empty()).collect();
    let tidy = format!("/{}", segments.join("/"));
    let is_valid = tidy == "/" || tidy.chars().all(|c| c == '/' || is_unreserved(c)) && split(&tidy).is_ok();
    if is_valid { quoted(&tidy) } else { "a plain path prefix, such as \"/api\"".to_owned() }
}

/// Checks a part of a pattern that is no name.
fn checked(literal: &str) -> Result<(), InvalidPath> {
    const EXPECTED: &str = "letters, digits and - . _ ~ ! $ & ' ( ) + , = : @, {name} for a segment or {*rest} for all that follows";
    if literal.starts_with(':') {
        let name = literal.trim_start_matches(':');
        let expected = if is_name(name) { format!("{{{name}}} for a segment") } else { EXPECTED.to_owned() };
        return Err(InvalidPath::new("has a segment that begins with a colon", expected));
    }
    match literal.chars().find(|c| !is_literal(*c)) {
        Some(strange) => Err(InvalidPath::holding(strange, EXPECTED)),
        None => Ok(()),
    }
}

fn is_name(text: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.chars().all(is_allowed) && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// RFC 3986 §2.3.
pub(super) fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~".contains(c)
}

/// What may stand in a segment as it is (RFC 3986 §3.3), but for `;`, at which many readers cut it, and `*`, which looks
/// like a pattern.
pub(super) fn is_literal(c: char) -> bool {
    is_unreserved(c) || "!$&'()+,=:@".contains(c)
}

/// Why a text is no path of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPath {
    /// What is wrong with it, such as `ends in a slash`.
    pub why: String,
    /// What was expected instead.
    pub expected: String,
}

impl InvalidPath {
    pub(super) fn new(why: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { why: why.into(), expected: expected.into() }
    }

    pub(super) fn holding(strange: char, expected: &str) -> Self {
        Self::new(format!("holds the character {strange:?}"), expected)
    }
}

impl fmt::Display for InvalidPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the path {}; expected {}", self.why, self.expected)
    }
}

impl Error for InvalidPath {}
