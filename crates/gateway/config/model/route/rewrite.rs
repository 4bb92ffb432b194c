//! What a route changes of a request's target.

use http::Method;
use proxy_service::HostPolicy;

use super::template::RouteTemplate;

/// What a route changes of a request's target. Bytes that aren't rewritten stay what they were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrite {
    /// Which `Host` is sent to the upstream. Default: [`HostPolicy::Target`].
    pub host: HostPolicy,
    /// The path.
    pub path: PathRewrite,
    /// The query.
    pub query: QueryRewrite,
    /// The method with which requests go on. Default: `None`, their own. Never CONNECT, TRACE or HEAD; a CONNECT stays one.
    pub method: Option<Method>,
}

/// What becomes of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathRewrite {
    /// Something else comes before it.
    Prefix {
        /// What is taken off.
        strip: Strip,
        /// What then is put before it: empty, or with a slash before it and none behind it.
        add: String,
    },
    /// Another one takes its place.
    Template {
        /// The path.
        path: RouteTemplate,
        /// The query. Default: `None`, the query stays.
        query: Option<RouteTemplate>,
    },
}

/// What is taken off a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Strip {
    /// The prefix of the route, if it has one.
    #[default]
    Matched,
    /// Nothing.
    Nothing,
    /// This, where the path is at or below it.
    Prefix(String),
}

/// What becomes of a query: first parameters go, then others come. All other bytes stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryRewrite {
    /// Parameters that go, by the names that an application reads.
    pub remove: Vec<String>,
    /// Parameters that get this value, in place of any that they have. With an empty value, the parameter isn't there.
    pub set: Vec<(String, RouteTemplate)>,
    /// Parameters that come at the end. One with an empty value doesn't.
    pub add: Vec<(String, RouteTemplate)>,
}

impl Rewrite {
    /// Whether targets and methods stay as they are, but for the prefix that is taken off by default.
    pub(crate) fn leaves_targets(&self) -> bool {
        let Self { host: _, path, query, method } = self;
        *path == PathRewrite::default() && query.is_nothing() && method.is_none()
    }

    /// Whether paths come of it that aren't a part of what the client has sent.
    pub(crate) fn makes_paths(&self) -> bool {
        match &self.path {
            PathRewrite::Prefix { add, .. } => !add.is_empty(),
            PathRewrite::Template { .. } => true,
        }
    }
}

impl Default for PathRewrite {
    fn default() -> Self {
        Self::Prefix { strip: Strip::default(), add: String::new() }
    }
}

impl QueryRewrite {
    /// Whether nothing is changed.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}
