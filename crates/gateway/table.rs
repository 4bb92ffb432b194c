//! Which service takes a request: that of the route with the longest prefix of its path, or else axum's router, which
//! has everything that isn't a route.
//!
//! axum's router could have the routes as well. But it would decode the rest of each path into an extension, and clone
//! and box the service of each request.

mod places;
mod taken_off;

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use axum::response::IntoResponse;
use tower::Service;

use self::places::Places;
use self::taken_off::take_off;
use crate::route::{Answering, Chain};

/// The services of the routes, and a router for everything else.
#[derive(Clone, Default)]
pub(crate) struct Table {
    places: Arc<Places<Taker>>,
    /// Takes the requests that nothing else takes. Without it, the router does.
    any: Option<Chain>,
    router: Router,
}

/// Who takes the requests at a place.
#[derive(Clone)]
enum Taker {
    /// A route, with its path and everything below it.
    Route { exactly: Chain, below: Chain },
    /// The router, with the path and everything below it.
    Nest,
    /// The router, with the path alone.
    Page,
}

impl Table {
    /// A table without routes, before a router that has these pages.
    pub(crate) fn new<'a>(router: Router, pages: impl IntoIterator<Item = &'a str>) -> Self {
        let mut table = Self { places: Arc::default(), any: None, router };
        for page in pages {
            table.add(page, Taker::Page);
        }
        table
    }

    /// Adds a route. Requests for the prefix itself go to `exactly`, those for a path below it to `below`. Both see the
    /// path without the prefix, and undecoded.
    pub(crate) fn route(&mut self, prefix: &str, exactly: Chain, below: Chain) {
        self.add(prefix, Taker::Route { exactly, below });
    }

    /// Adds the route that takes the requests that nothing else takes.
    pub(crate) fn fallback(&mut self, chain: Chain) {
        self.any = Some(chain);
    }

    /// Adds a service to the router, as [`Router::nest_service`] does.
    ///
    /// # Panics
    /// If the prefix is `/`, or is that of a route or page.
    pub(crate) fn nest<S>(&mut self, prefix: &str, service: S)
    where
        S: Service<Request<Body>, Response: IntoResponse, Error = Infallible, Future: Send>,
        S: Clone + Send + Sync + 'static,
    {
        self.router = std::mem::take(&mut self.router).nest_service(prefix, service);
        self.add(prefix, Taker::Nest);
    }

    /// The prefix of the route that takes a request for this path. `None` if no route does: then it is a page, a service
    /// of the program's own, or nothing.
    pub(crate) fn prefix_of<'a>(&self, path: &'a str) -> Option<&'a str> {
        let (_, prefix) = self.taker(path)?;
        path.get(..prefix).map(|prefix| if prefix.is_empty() { "/" } else { prefix })
    }

    fn add(&mut self, path: &str, taker: Taker) {
        let is_new = Arc::make_mut(&mut self.places).add(path, taker);
        assert!(is_new, "there is a route or a page at {path}");
    }

    /// Finds who takes a request, and the prefix that is taken off its path. None if the router takes it.
    fn taker(&self, path: &str) -> Option<(&Chain, usize)> {
        for (taker, place) in self.places.around(path) {
            let is_below = place < path.len();
            match taker {
                Taker::Route { below, .. } if is_below => return Some((below, place)),
                Taker::Route { exactly, .. } => return Some((exactly, place)),
                Taker::Page if is_below => {}
                Taker::Page | Taker::Nest => return None,
            }
        }
        self.any.as_ref().map(|any| (any, 0))
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

    fn call(&mut self, mut request: Request<Body>) -> Answering {
        match self.taker(request.uri().path()) {
            Some((taker, prefix)) => {
                take_off(prefix, request.uri_mut());
                taker.handle(request)
            }
            None => Box::pin(self.router.call(request)),
        }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("places", &self.places).finish_non_exhaustive()
    }
}
