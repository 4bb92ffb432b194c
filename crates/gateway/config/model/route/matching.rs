//! Which requests a route takes.

use http::{HeaderName, Method};
use ipnet::IpNet;

use super::host::HostPattern;
use super::path::{InvalidPath, PathPattern};
use super::pattern::Pattern;
use super::value_test::ValueTest;

/// The most names that a route captures.
pub(crate) const MOST_CAPTURES: usize = 16;

/// Which requests a route takes: those for which all of this holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    pub(crate) path: PathPattern,
    pub(crate) regex: Option<Pattern>,
    /// The names in both.
    pub(crate) captures: Vec<Box<str>>,
    /// The hosts, compared without their port. Default: none, which is any.
    pub hosts: Vec<HostPattern>,
    /// The methods. `GET` takes HEAD as well, which is the same but for the body (RFC 9110 §9.3.2). Default: none, which
    /// is any.
    pub methods: Vec<Method>,
    /// What header fields have to be. The lines of a field are compared one by one.
    pub headers: Vec<(HeaderName, ValueTest)>,
    /// What query parameters have to be, decoded.
    pub query: Vec<(Box<str>, ValueTest)>,
    /// The networks that the client is in: the peer, or whom a trusted proxy names. Default: none, which is any.
    pub clients: Vec<IpNet>,
    /// The scheme that the client uses. Default: any.
    pub scheme: Option<ClientScheme>,
    /// Routes with a higher number are asked first, whatever their conditions are. Default: 0.
    pub priority: i32,
}

/// The scheme that a client uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientScheme {
    /// `http`.
    Http,
    /// `https`.
    Https,
}

impl Matching {
    /// All requests for these paths.
    #[must_use]
    pub fn path(path: PathPattern) -> Self {
        let captures = path.names().map(Box::from).collect();
        Self {
            path,
            regex: None,
            captures,
            hosts: Vec::new(),
            methods: Vec::new(),
            headers: Vec::new(),
            query: Vec::new(),
            clients: Vec::new(),
            scheme: None,
            priority: 0,
        }
    }

    /// All requests below this prefix.
    ///
    /// # Errors
    /// [`InvalidPath`] if it is none.
    pub fn below(prefix: &str) -> Result<Self, InvalidPath> {
        PathPattern::prefix(prefix).map(Self::path)
    }

    /// Only paths in which this is found as well.
    ///
    /// # Errors
    /// [`InvalidPath`] if a name of its groups is that of another group or of a segment, or if there are more than 16 names.
    pub fn regex(mut self, regex: Pattern) -> Result<Self, InvalidPath> {
        for name in regex.names() {
            if self.captures.contains(name) {
                let why = format!("has two names {name}");
                return Err(InvalidPath { why, expected: "each name once".to_owned() });
            }
            self.captures.push(name.clone());
        }
        self.regex = Some(regex);
        self.checked()
    }

    /// Checks that there aren't too many names.
    ///
    /// # Errors
    /// [`InvalidPath`] if there are more than 16.
    pub fn checked(self) -> Result<Self, InvalidPath> {
        match self.captures.len() {
            0..=MOST_CAPTURES => Ok(self),
            many => Err(InvalidPath {
                why: format!("has {many} names"),
                expected: format!("at most {MOST_CAPTURES}"),
            }),
        }
    }

    /// The prefix, if that is what the path is compared with.
    pub fn prefix(&self) -> Option<&str> {
        self.path.as_prefix()
    }

    /// The path, if it is one alone.
    pub(crate) fn exact_path(&self) -> Option<&str> {
        self.path.as_exact()
    }

    /// The path as it stands in the file.
    pub fn path_in_file(&self) -> &str {
        self.path.as_str()
    }

    /// The names of what the path's pattern captures, in order, and then those of the regular expression's groups.
    pub fn captures(&self) -> &[Box<str>] {
        &self.captures
    }

    /// Whether its path is this one, alone or with what is below it.
    pub(crate) fn is_literally(&self, path: &str) -> bool {
        [self.path.as_prefix(), self.path.as_exact()].contains(&Some(path))
    }

    pub(crate) fn pattern(&self) -> &PathPattern {
        &self.path
    }

    pub(crate) fn path_regex(&self) -> Option<&Pattern> {
        self.regex.as_ref()
    }

    /// Whether there are conditions besides path and host.
    pub(crate) fn is_conditional(&self) -> bool {
        self.conditions() > 0
    }

    /// How many conditions there are besides path and host.
    pub(crate) fn conditions(&self) -> usize {
        let single =
            [self.regex.is_some(), !self.methods.is_empty(), !self.clients.is_empty(), self.scheme.is_some()];
        single.iter().filter(|is_there| **is_there).count() + self.headers.len() + self.query.len()
    }
}
