//! `ServiceUrl`: the URL of a service that the gateway itself asks.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use proxy_service::Target;

/// The URL of a service that the gateway itself asks. Its path and query are kept as they are.
///
/// ```
/// use gateway::config::ServiceUrl;
///
/// let url: ServiceUrl = "http://127.0.0.1:4180/check?rule=1".parse()?;
/// assert_eq!(url.target().authority(), "127.0.0.1:4180");
/// assert_eq!(url.uri(), "/check?rule=1");
/// # Ok::<(), gateway::config::InvalidServiceUrl>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceUrl {
    target: Target,
    uri: Uri,
}

/// Why a text is no [`ServiceUrl`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidServiceUrl(String);

impl ServiceUrl {
    /// Where the service is.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The path and the query that it is asked for.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }
}

impl FromStr for ServiceUrl {
    type Err = InvalidServiceUrl;

    fn from_str(text: &str) -> Result<Self, InvalidServiceUrl> {
        let refuse = |why: &dyn fmt::Display| InvalidServiceUrl(why.to_string());
        let (place, query) = match text.split_once('?') {
            Some((place, query)) => (place, Some(query)),
            None => (text, None),
        };
        let target: Target = place.parse().map_err(|error| refuse(&error))?;
        // A target has no slash at its end.
        let slash = if target.base_path().is_empty() || place.ends_with('/') { "/" } else { "" };
        let mut path = format!("{}{slash}", target.base_path());
        if let Some(query) = query {
            path.push('?');
            path.push_str(query);
        }
        let uri = path.parse().map_err(|error| refuse(&error))?;
        Ok(Self { target: target.without_base_path(), uri })
    }
}

impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.target, self.uri)
    }
}

/// Without the query, which may hold a secret.
impl fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceUrl({}{})", self.target, self.uri.path())
    }
}

impl fmt::Display for InvalidServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidServiceUrl {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_query_stay_as_they_are() {
        for (text, uri) in [
            ("http://127.0.0.1:4180", "/"),
            ("http://127.0.0.1:4180/", "/"),
            ("http://127.0.0.1:4180/check", "/check"),
            ("http://127.0.0.1:4180/check/", "/check/"),
            ("http://127.0.0.1:4180/a%20b?c=%2F&d", "/a%20b?c=%2F&d"),
            ("http://127.0.0.1:4180?c=d", "/?c=d"),
            ("http://unix:/run/auth.sock:/check?c", "/check?c"),
        ] {
            let url: ServiceUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(url.uri(), uri, "{text}");
            assert_eq!(url.target().base_path(), "", "{text}");
        }
    }

    #[test]
    fn other_texts_are_none() {
        for text in
            ["", "127.0.0.1:4180", "ftp://a/", "http://a/#b", "http://user:secret@a/", "http://a/?b c"]
        {
            text.parse::<ServiceUrl>().expect_err(text);
        }
    }
}
