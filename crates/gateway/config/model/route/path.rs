//! The paths that a route takes, taken apart once.

mod parsed;
#[cfg(test)]
mod tests;

pub use self::parsed::InvalidPath;
use self::parsed::{Piece, is_literal, is_unreserved, split, tidied};

/// The paths that a route takes. They are compared byte by byte, and nothing is decoded.
///
/// ```
/// use gateway::config::PathPattern;
///
/// let pattern = PathPattern::pattern("/users/{id}/{*rest}")?;
/// assert_eq!(pattern.as_str(), "/users/{id}/{*rest}");
/// assert!(PathPattern::pattern("/users/{id").is_err());
/// # Ok::<(), gateway::config::InvalidPath>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    text: Box<str>,
    segments: Vec<PathSegment>,
    end: PathEnd,
    names: Vec<Box<str>>,
}

/// A segment of a path, between two slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PathSegment {
    /// These bytes. An empty one is only the last: the path ends in a slash.
    Literal(Box<str>),
    /// Any bytes, at least one, between these.
    Name {
        /// What stands before them.
        before: Box<str>,
        /// What stands behind them.
        after: Box<str>,
    },
}

/// What may follow the segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PathEnd {
    /// Nothing.
    Here,
    /// A slash, and whatever follows it.
    Rest,
    /// Nothing, or a slash and whatever follows it.
    Below,
}

impl PathPattern {
    /// `/`, and everything below it.
    #[must_use]
    pub fn root() -> Self {
        Self { text: "/".into(), segments: Vec::new(), end: PathEnd::Below, names: Vec::new() }
    }

    /// A prefix: this path, and everything below it, segment by segment.
    ///
    /// # Errors
    /// [`InvalidPath`] if it doesn't begin with a slash; if it ends in one, unless it is `/`; or if a segment of it is
    /// empty, `.` or `..`, or has other than unreserved characters (RFC 3986 §2.3), so that its raw and its decoded form
    /// would not be the same.
    pub fn prefix(text: &str) -> Result<Self, InvalidPath> {
        const EXPECTED: &str =
            "a plain path prefix of letters, digits, - . _ ~ and /; it covers everything below it";
        if text == "/" {
            return Ok(Self::root());
        }
        if let Some(strange) = text.chars().find(|c| *c != '/' && !is_unreserved(*c)) {
            return Err(InvalidPath::holding(strange, EXPECTED));
        }
        let segments = split(text)?;
        if text.ends_with('/') {
            return Err(InvalidPath::new("ends in a slash", tidied(text)));
        }
        Ok(Self::literal(text, &segments, PathEnd::Below))
    }

    /// This path alone. It may end in a slash.
    ///
    /// # Errors
    /// [`InvalidPath`] as for a [`prefix`](Self::prefix). Its segments may also have `!$&'()+,=:@`.
    pub fn exact(text: &str) -> Result<Self, InvalidPath> {
        const EXPECTED: &str =
            "a path of letters, digits, / and - . _ ~ ! $ & ' ( ) + , = : @, and nothing encoded";
        if let Some(strange) = text.chars().find(|c| *c != '/' && !is_literal(*c)) {
            return Err(InvalidPath::holding(strange, EXPECTED));
        }
        Ok(Self::literal(text, &split(text)?, PathEnd::Here))
    }

    /// A pattern: `{name}` stands for one segment or a part of it, `{*name}` for everything behind a slash.
    ///
    /// # Errors
    /// [`InvalidPath`] as for [`exact`](Self::exact), and for a name that isn't one, that comes twice, or that stands
    /// where it can't.
    pub fn pattern(text: &str) -> Result<Self, InvalidPath> {
        let split = split(text)?;
        let mut pattern =
            Self { text: text.into(), segments: Vec::new(), end: PathEnd::Here, names: Vec::new() };
        for (index, segment) in split.iter().enumerate() {
            let name = match Piece::read(segment)? {
                Piece::Literal => {
                    pattern.segments.push(PathSegment::Literal((*segment).into()));
                    continue;
                }
                Piece::Name { before, name, after } => {
                    pattern.segments.push(PathSegment::Name { before: before.into(), after: after.into() });
                    name
                }
                Piece::Rest(name) if index + 1 == split.len() => {
                    pattern.end = PathEnd::Rest;
                    name
                }
                Piece::Rest(_) => {
                    return Err(InvalidPath::new("goes on behind {*…}", "{*rest} as the last segment"));
                }
            };
            if pattern.names.iter().any(|other| **other == *name) {
                return Err(InvalidPath::new(format!("has two names {name}"), "each name once"));
            }
            pattern.names.push(name.into());
        }
        Ok(pattern)
    }

    fn literal(text: &str, segments: &[&str], end: PathEnd) -> Self {
        let segments = segments.iter().map(|segment| PathSegment::Literal((*segment).into())).collect();
        Self { text: text.into(), segments, end, names: Vec::new() }
    }

    /// The text that it was made from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The prefix, if it is one.
    #[must_use]
    pub fn as_prefix(&self) -> Option<&str> {
        (self.end == PathEnd::Below).then_some(&*self.text)
    }

    /// The path, if it is one alone.
    #[must_use]
    pub fn as_exact(&self) -> Option<&str> {
        let is_alone = self.end == PathEnd::Here && self.names.is_empty();
        is_alone.then_some(&*self.text)
    }

    /// The names in it, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    pub(crate) fn segments(&self) -> &[PathSegment] {
        &self.segments
    }

    pub(crate) fn end(&self) -> PathEnd {
        self.end
    }

    /// What it takes, whatever its names are and in lower case: two patterns with the same shape take the same paths.
    pub(crate) fn shape(&self) -> String {
        let mut shape = String::new();
        for segment in &self.segments {
            shape.push('/');
            match segment {
                PathSegment::Literal(literal) => shape.push_str(literal),
                PathSegment::Name { before, after } => shape.extend([before, "{}", after]),
            }
        }
        shape.push_str(match self.end {
            PathEnd::Here => "",
            PathEnd::Rest => "/{*}",
            PathEnd::Below => "/**",
        });
        shape.to_ascii_lowercase()
    }
}
