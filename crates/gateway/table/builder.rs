//! Collects what a table is made of.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::IntoResponse;
use tower::Service;

use super::{Mounted, Table, Taker};
use crate::config::{Matching, PathPattern};
use crate::route::{Matcher, Rule};

/// The routes, pages and services of a table that isn't made yet.
#[derive(Default)]
pub(crate) struct Builder {
    rules: Vec<Rule<Taker>>,
    router: Router,
}

impl Builder {
    /// A table without routes, before a router that has these pages.
    pub(crate) fn new<'a>(router: Router, pages: impl IntoIterator<Item = &'a str>) -> Self {
        let pages = pages.into_iter().filter_map(|page| PathPattern::exact(page).ok());
        let rules = pages.map(|page| Rule::new(Matching::path(page), Taker::Router)).collect();
        Self { rules, router }
    }

    /// Adds a route.
    pub(crate) fn route(&mut self, rule: Rule<Mounted>) {
        self.rules.push(rule.map(Taker::Route));
    }

    /// Adds a service to the router, as [`Router::nest_service`] does.
    ///
    /// # Panics
    /// If the prefix is `/`, is no plain path, or is that of a route or page.
    pub(crate) fn nest<S>(&mut self, prefix: &str, service: S)
    where
        S: Service<Request<Body>, Response: IntoResponse, Error = Infallible, Future: Send>,
        S: Clone + Send + Sync + 'static,
    {
        let is_taken = self.rules.iter().any(|rule| rule.matching().is_literally(prefix));
        assert!(!is_taken, "there is a route or a page at {prefix}");
        let below = Matching::below(prefix).expect("the caller nests below a plain path");
        self.router = std::mem::take(&mut self.router).nest_service(prefix, service);
        self.rules.push(Rule::new(below, Taker::Router));
    }

    pub(crate) fn build(self) -> Table {
        Table { matcher: Arc::new(Matcher::new(self.rules)), router: self.router }
    }
}
