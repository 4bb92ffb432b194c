//! A request's target as it came.

use axum::http::Uri;

/// The target of a request as it came, before anything was taken off or rewritten: an extension of requests whose route
/// needs it.
#[derive(Clone, Debug)]
pub struct Original {
    uri: Uri,
}

impl Original {
    /// The target of a request that nothing was taken off yet.
    pub fn of(uri: &Uri) -> Self {
        Self { uri: uri.clone() }
    }

    /// The path, with the bytes that the client sent.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The query, with the bytes that the client sent.
    pub fn query(&self) -> Option<&str> {
        self.uri.query()
    }
}
