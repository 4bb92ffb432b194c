//! The prefix that a router took off a request's path.

use std::fmt;
use std::sync::Arc;

use http::request::Parts;
use http::{Extensions, HeaderValue, Uri};

use crate::path;
use crate::received::Received;
use crate::route::Remainder;

/// How to find the URI that the client sent, if the router keeps it in an extension of the request.
#[derive(Clone, Default)]
pub(crate) struct OriginalUri(Option<Arc<Find>>);

type Find = dyn Fn(&Extensions) -> Option<&Uri> + Send + Sync;

impl OriginalUri {
    pub(crate) fn from_extension<E>(uri: impl Fn(&E) -> &Uri + Send + Sync + 'static) -> Self
    where
        E: Send + Sync + 'static,
    {
        Self(Some(Arc::new(finder(move |extensions| extensions.get().map(&uri)))))
    }

    fn of<'a>(&self, parts: &'a Parts) -> Option<&'a Uri> {
        self.0.as_ref().and_then(|find| find(&parts.extensions))
    }
}

/// Gives the closure's type the lifetimes that [`Find`] has.
fn finder<F: Fn(&Extensions) -> Option<&Uri>>(find: F) -> F {
    find
}

impl fmt::Debug for OriginalUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "OriginalUri(..)" } else { "OriginalUri(none)" })
    }
}

/// What a router took off a path, and what it left.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TakenOff {
    pub(crate) prefix: Option<HeaderValue>,
    pub(crate) remainder: Remainder,
}

impl TakenOff {
    /// As the route's options say; if they name no prefix, as the original URI says.
    pub(crate) fn of(received: Received<'_>, original: &OriginalUri) -> Self {
        let Received { parts, route, .. } = received;
        let remainder = route.remainder();
        match route.taken_off() {
            Some(prefix) => Self { prefix: Some(prefix.clone()), remainder },
            None => {
                let found = original.of(parts).and_then(|original| Self::between(original, &parts.uri));
                found.unwrap_or(Self { prefix: None, remainder })
            }
        }
    }

    /// None if nothing was taken off the original, or it has nothing to do with what is left.
    ///
    /// A router that takes off all of a path leaves a slash in its place.
    fn between(original: &Uri, left: &Uri) -> Option<Self> {
        let (original, left) = (original.path(), left.path());
        let (prefix, remainder) = match original.strip_suffix(left) {
            Some(prefix) if left.starts_with('/') => (prefix, Remainder::Path),
            None if left == "/" => (original, Remainder::Nothing),
            _ => return None,
        };
        let is_prefix = prefix.starts_with('/') && !prefix.starts_with("//") && path::check(prefix).is_ok();
        let prefix = is_prefix.then(|| HeaderValue::from_str(prefix).ok()).flatten()?;
        Some(Self { prefix: Some(prefix), remainder })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken_off(original: &str, left: &str) -> Option<(String, Remainder)> {
        let taken_off = TakenOff::between(&original.parse().unwrap(), &left.parse().unwrap())?;
        Some((taken_off.prefix.unwrap().to_str().unwrap().to_owned(), taken_off.remainder))
    }

    #[test]
    fn what_the_original_has_before_the_rest() {
        for (original, left, prefix, remainder) in [
            ("/api/users", "/users", "/api", Remainder::Path),
            ("/api/users?id=7", "/users?id=7", "/api", Remainder::Path),
            ("http://shop.example/api/users", "/users", "/api", Remainder::Path),
            ("/api/", "/", "/api", Remainder::Path),
            ("/api", "/", "/api", Remainder::Nothing),
            ("/v1/api/users", "/users", "/v1/api", Remainder::Path),
            ("/users/users", "/users", "/users", Remainder::Path),
            ("/api//users", "//users", "/api", Remainder::Path),
            ("/a%20b/x%2Fy", "/x%2Fy", "/a%20b", Remainder::Path),
        ] {
            let expected = Some((prefix.to_owned(), remainder));
            assert_eq!(taken_off(original, left), expected, "{original} {left}");
        }
    }

    #[test]
    fn no_prefix_where_there_is_none_to_find() {
        for (original, left) in [
            ("/users", "/users"),
            ("/", "/"),
            ("/api/users", "/other"),
            ("/api/users", "/api"),
            ("/users", "/api/users"),
            ("/apiusers", "users"),
            ("/api/users", "*"),
            ("*", "*"),
            ("shop.example:80", "/"),
            ("/../users", "/users"),
            ("/%2e%2e/users", "/users"),
            ("//evil.example/users", "/users"),
            ("//evil.example", "/"),
        ] {
            assert_eq!(taken_off(original, left), None, "{original} {left}");
        }
    }
}
