//! What a route answers itself, without an upstream.

use std::path::PathBuf;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::coding::Coding;
use super::template::RouteTemplate;

/// A body that was read together with the configuration, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its bytes; at most 1 MiB.
    pub bytes: Bytes,
    /// Its `Content-Type`.
    pub media_type: HeaderValue,
}

/// `respond`: the same answer to every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Respond {
    /// The status; 200 to 599. Default: 200.
    pub status: StatusCode,
    /// The body. Default: `None`, an empty one; never with 204, 205 and 304, which have none (RFC 9110 §15).
    pub content: Option<Content>,
    /// More header fields, but none of those that frame the message.
    pub headers: HeaderMap,
}

impl Respond {
    /// An answer of this status, with nothing else.
    pub fn new(status: StatusCode) -> Self {
        Self { status, content: None, headers: HeaderMap::new() }
    }
}

/// `redirect`: an answer that sends clients elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteRedirect {
    /// The status: 301, 302, 303, 307 or 308. Default: 308, which keeps method and body (RFC 9110 §15.4.9).
    pub status: StatusCode,
    /// Scheme and authority of where it leads, such as `https://{host}`. `None`: those of the request.
    pub origin: Option<RouteTemplate>,
    /// Path and query of where it leads.
    pub target: RouteTemplate,
}

/// `files`: the files below a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The directory.
    pub root: PathBuf,
    /// Whether a directory is answered with its `index.html`. Default: `true`.
    pub index: bool,
    /// Whether `/about` is answered with `about.html` if there is no `about`. Default: `false`.
    pub html: bool,
    /// The codings of which files are looked for beside a file, such as `app.js.gz`. Default: none.
    pub precompressed: Vec<Coding>,
    /// The path below the root of the file that is the answer where there is none, as pages that draw themselves need it;
    /// it begins with a slash. Default: `None`, 404.
    pub fallback: Option<String>,
    /// Where symlinks may lead. Default: [`Symlinks::Inside`].
    pub symlinks: Symlinks,
}

impl Files {
    /// The files below this directory.
    pub fn below(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            index: true,
            html: false,
            precompressed: Vec::new(),
            fallback: None,
            symlinks: Symlinks::default(),
        }
    }
}

/// Where symlinks among files may lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symlinks {
    /// To what is below the root. What they lead to elsewhere isn't there for clients.
    #[default]
    Inside,
    /// Anywhere.
    Anywhere,
}
