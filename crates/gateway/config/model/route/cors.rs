//! Which pages of other origins may read answers.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};

/// `cors`: which pages of other origins may read answers (the Fetch standard's CORS protocol).
///
/// With `credentials`, nothing may be [`Listed::Any`]: browsers don't take it, and answers for a signed-in user would be
/// anybody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// The origins.
    pub origins: Listed<AllowedOrigin>,
    /// The methods, besides GET, HEAD and POST, which browsers don't ask for. Default: none.
    pub methods: Listed<Method>,
    /// The request's fields, besides those that browsers don't ask for. Default: none.
    pub headers: Listed<HeaderName>,
    /// The answer's fields that a page may read, besides those that it may read anyway. Default: none.
    pub expose: Listed<HeaderName>,
    /// Whether a page may have cookies sent, and may read what comes for them. Default: `false`.
    pub credentials: bool,
    /// For how long a browser needs not ask again; whole seconds. Default: `None`, as the browser likes.
    pub max_age: Option<Duration>,
}

impl Cors {
    /// Any page may read answers, with the simplest requests and without cookies.
    pub fn for_anyone() -> Self {
        Self {
            origins: Listed::Any,
            methods: Listed::These(Vec::new()),
            headers: Listed::These(Vec::new()),
            expose: Listed::These(Vec::new()),
            credentials: false,
            max_age: None,
        }
    }
}

/// Some, or any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed<T> {
    /// Any.
    Any,
    /// These alone.
    These(Vec<T>),
}

impl<T> Listed<T> {
    /// Whether it is any.
    pub fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }

    /// Those that are listed. `None` if it is any.
    pub fn into_list(self) -> Option<Vec<T>> {
        match self {
            Self::Any => None,
            Self::These(list) => Some(list),
        }
    }
}

/// An origin, or those of all names below one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedOrigin {
    /// `https://a.example`
    One(HeaderValue),
    /// `https://*.a.example`: every name below, however deep, but not `a.example` itself.
    Below {
        /// What stands before the name, such as `https://`.
        scheme: &'static str,
        /// What stands behind the star, such as `.a.example` or `.a.example:8443`.
        end: String,
    },
}

impl AllowedOrigin {
    /// Whether this is what a browser says (`Origin`, RFC 6454 §7), which it says in lower case.
    pub fn is(&self, origin: &HeaderValue) -> bool {
        match self {
            Self::One(one) => one == origin,
            Self::Below { scheme, end } => {
                let rest = origin.as_bytes().strip_prefix(scheme.as_bytes());
                let name = rest.and_then(|rest| rest.strip_suffix(end.as_bytes()));
                // Nothing that could end the name early: the star stands for labels only.
                let is_label = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(b);
                name.is_some_and(|name| !name.is_empty() && name.iter().all(is_label))
            }
        }
    }
}
