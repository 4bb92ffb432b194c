//! `RouteMeter`: a route, for what is counted of its requests.

use std::sync::Arc;

/// A route. It is made once with the route, so that no request looks it up by its name.
#[derive(Debug)]
pub(crate) struct RouteMeter {
    name: Arc<str>,
}

impl RouteMeter {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.into() }
    }

    /// The route's prefix.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}
