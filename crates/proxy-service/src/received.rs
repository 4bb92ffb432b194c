//! A request as it came, with what its extensions say of it.

use http::request::Parts;

use crate::peer::Peer;
use crate::route::RouteOptions;

/// A request as it came. The extensions that are needed are looked up once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Received<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) peer: Option<&'a Peer>,
    pub(crate) route: &'a RouteOptions,
}

impl<'a> From<&'a Parts> for Received<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self { parts, peer: parts.extensions.get(), route: RouteOptions::of(parts) }
    }
}
