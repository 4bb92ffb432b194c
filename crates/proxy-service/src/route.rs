//! What a router knows of a request's route and a proxy can't: the one way to treat routes to the same upstreams apart.

use std::sync::Arc;

use http::HeaderValue;
use http::request::Parts;

use crate::headers::host::HostPolicy;
use crate::upgrade::Upgrades;

/// How requests of one route are treated: a request extension, put there as `Arc<RouteOptions>` by whoever routes.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RouteOptions {
    prefix: Option<HeaderValue>,
    max_body: Option<u64>,
    host: Option<HostPolicy>,
    upgrades: Option<Upgrades>,
    remainder: Remainder,
}

/// What a router has left of a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Remainder {
    /// What stands in the request.
    #[default]
    Path,
    /// Nothing at all, for which a request has a slash.
    Nothing,
}

impl RouteOptions {
    /// Nothing out of the ordinary.
    pub fn new() -> Self {
        Self::default()
    }

    /// The path prefix that the router took off, for `X-Forwarded-Prefix`.
    #[must_use]
    pub fn prefix(mut self, prefix: HeaderValue) -> Self {
        self.prefix = Some(prefix);
        self
    }

    /// The prefix was the whole path, so that nothing is left of it. A [`Uri`](http::Uri) shows that as `/`, which is then not
    /// put behind the target's base path: `/docs` arrives at `http://app/docs` as `/docs` and not as `/docs/`.
    ///
    /// For requests whose path is `/`, as the router left it; others keep theirs.
    #[must_use]
    pub fn nothing_left(mut self) -> Self {
        self.remainder = Remainder::Nothing;
        self
    }

    /// The largest request body, in bytes, that may pass; above it, 413.
    #[must_use]
    pub fn max_body(mut self, bytes: u64) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// The `Host` that the upstream is sent, instead of the layer's choice.
    #[must_use]
    pub fn host(mut self, policy: HostPolicy) -> Self {
        self.host = Some(policy);
        self
    }

    /// The protocols that a client may switch to, instead of the layer's choice.
    #[must_use]
    pub fn upgrades(mut self, allowed: Upgrades) -> Self {
        self.upgrades = Some(allowed);
        self
    }

    fn of(parts: &Parts) -> Option<&Self> {
        parts.extensions.get::<Arc<Self>>().map(|options| &**options)
    }

    pub(crate) fn prefix_of(parts: &Parts) -> Option<&HeaderValue> {
        Self::of(parts)?.prefix.as_ref()
    }

    pub(crate) fn remainder_of(parts: &Parts) -> Remainder {
        Self::of(parts).map(|options| options.remainder).unwrap_or_default()
    }

    pub(crate) fn max_body_of(parts: &Parts) -> u64 {
        Self::of(parts).and_then(|options| options.max_body).unwrap_or(u64::MAX)
    }

    pub(crate) fn host_of(parts: &Parts, otherwise: HostPolicy) -> HostPolicy {
        Self::of(parts).and_then(|options| options.host).unwrap_or(otherwise)
    }

    pub(crate) fn upgrades_of<'a>(parts: &'a Parts, otherwise: &'a Upgrades) -> &'a Upgrades {
        Self::of(parts).and_then(|options| options.upgrades.as_ref()).unwrap_or(otherwise)
    }
}
