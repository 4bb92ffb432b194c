//! Which service takes a request: that of the route whose conditions hold, or else axum's router, which has everything
//! that isn't a route.
//!
//! axum's router could have the routes as well. But it knows paths alone, would decode the rest of each path into an
//! extension, and clone and box the service of each request.

mod builder;
mod taken_off;

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use tower::Service;

pub(crate) use self::builder::Builder;
use self::taken_off::take_off;
use crate::route::{Answering, Chain, Matched, Matcher, Original, Verdict};

/// The services of the routes, and a router for everything else.
#[derive(Clone, Default)]
pub(crate) struct Table {
    matcher: Arc<Matcher<Taker>>,
    router: Router,
}

/// Who takes the requests that were matched.
pub(crate) enum Taker {
    Route(Mounted),
    /// The router.
    Router,
}

/// A route's service.
pub(crate) struct Mounted {
    /// The route's name.
    pub(crate) name: Box<str>,
    /// Takes requests for the route's prefix itself.
    pub(crate) exactly: Chain,
    /// Takes all other requests. Both see the path without the prefix, and undecoded.
    pub(crate) below: Chain,
    pub(crate) target: Target,
}

/// What the layers of a route get to see of a request's target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// What is left of it.
    Rest,
    /// That, and how it came, as an extension: [`Original`].
    WithOriginal,
}

impl Table {
    /// What finds the route of a request.
    pub(crate) fn matcher(&self) -> &Arc<Matcher<Taker>> {
        &self.matcher
    }

    /// The name of the route that takes a request. `None` if no route does: then it is a page, a service of the program's
    /// own, or nothing.
    pub(crate) fn route_of<B>(&self, request: &Request<B>) -> Option<&str> {
        self.matcher.find(request)?.value.name()
    }

    /// What each route says to a request, with its name.
    pub(crate) fn verdicts<B>(&self, request: &Request<B>) -> impl Iterator<Item = (&str, Verdict<'_>)> {
        self.matcher.verdicts(request).filter_map(|(taker, verdict)| Some((taker.name()?, verdict)))
    }
}

impl Taker {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Route(mounted) => Some(&mounted.name),
            Self::Router => None,
        }
    }
}

impl Mounted {
    fn handle(&self, matched: &Matched<'_, Taker>, mut request: Request<Body>) -> Answering {
        let is_exactly = matched.prefix == request.uri().path().len();
        if self.target == Target::WithOriginal {
            let original = Original::of(request.uri()).capturing(matched.captures).below(matched.prefix);
            request.extensions_mut().insert(original);
        }
        take_off(matched.prefix, request.uri_mut());
        if is_exactly { self.exactly.handle(request) } else { self.below.handle(request) }
    }
}

impl Service<Request<Body>> for Table {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router is always ready, and a route's service is waited for with its request.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Answering {
        let matched = self.matcher.find(&request);
        match matched.as_ref().map(|matched| (matched, matched.value)) {
            Some((matched, Taker::Route(mounted))) => mounted.handle(matched, request),
            Some((_, Taker::Router)) | None => Box::pin(self.router.call(request)),
        }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("matcher", &self.matcher).finish_non_exhaustive()
    }
}
