//! Which requests a route takes.

/// Which requests a route takes: those for which all of this holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    /// The path.
    pub path: PathMatch,
}

/// Which paths a route takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathMatch {
    /// A prefix, and everything below it. `/` takes all requests that no other route takes. Any other prefix begins with
    /// a slash, doesn't end with one, and has unreserved characters only (RFC 3986 §2.3), so that its raw and its decoded
    /// form are the same.
    Prefix(String),
}

impl Matching {
    /// Below this prefix, whatever the rest of the request.
    pub fn below(prefix: impl Into<String>) -> Self {
        Self { path: PathMatch::Prefix(prefix.into()) }
    }

    /// The prefix, if that is what the path is compared with.
    pub fn prefix(&self) -> Option<&str> {
        match &self.path {
            PathMatch::Prefix(prefix) => Some(prefix),
        }
    }

    /// The path as it stands in the file.
    pub fn path_in_file(&self) -> &str {
        match &self.path {
            PathMatch::Prefix(path) => path,
        }
    }

    /// The names of what the path's pattern captures, in order.
    pub fn captures(&self) -> &[Box<str>] {
        &[]
    }
}
