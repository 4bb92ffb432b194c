//! Collects what a table is made of.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use axum::response::IntoResponse;
use tower::{Service, ServiceExt as _};

use super::{Mounted, Table, Taker};
use crate::config::{Matching, PathPattern};
use crate::route::answers::Meant;
use crate::route::limits::DeadlineLayer;
use crate::route::{Matcher, Rule};

/// The routes, pages and services of a table that isn't made yet.
#[derive(Default)]
pub(crate) struct Builder {
    /// The gateway's own pages. They go before routes for everything, whatever the priority of these is.
    pages: Vec<Rule<Taker>>,
    rules: Vec<Rule<Taker>>,
    router: Router,
    deadline: Option<Duration>,
}

impl Builder {
    /// A table without routes, before a router that has these pages.
    pub(crate) fn new<'a>(router: Router, pages: impl IntoIterator<Item = &'a str>) -> Self {
        let pages = pages.into_iter().filter_map(|page| PathPattern::exact(page).ok());
        let pages = pages.map(|page| Rule::new(Matching::path(page), Taker::Router)).collect();
        Self { pages, rules: Vec::new(), router, deadline: None }
    }

    /// Adds a route.
    pub(crate) fn route(&mut self, rule: Rule<Mounted>) {
        self.rules.push(rule.map(Taker::Route));
    }

    /// Adds a service to the router, as [`Router::nest_service`] does. Its errors are its own.
    ///
    /// # Panics
    /// If the prefix is `/`, is no plain path, or is that of a route or page.
    pub(crate) fn nest<S>(&mut self, prefix: &str, service: S)
    where
        S: Service<Request<Body>, Response: IntoResponse, Error = Infallible, Future: Send>,
        S: Clone + Send + Sync + 'static,
    {
        let rule = self.nested(prefix, service);
        self.rules.push(rule);
    }

    /// Adds a service that is a page of the gateway's own.
    ///
    /// # Panics
    /// As [`nest`](Self::nest) does.
    #[cfg(feature = "acme")]
    pub(crate) fn nest_page<S>(&mut self, prefix: &str, service: S)
    where
        S: Service<Request<Body>, Response: IntoResponse, Error = Infallible, Future: Send>,
        S: Clone + Send + Sync + 'static,
    {
        let page = self.nested(prefix, service);
        self.pages.push(page);
    }

    fn nested<S>(&mut self, prefix: &str, service: S) -> Rule<Taker>
    where
        S: Service<Request<Body>, Response: IntoResponse, Error = Infallible, Future: Send>,
        S: Clone + Send + Sync + 'static,
    {
        let is_taken = self.pages.iter().chain(&self.rules).any(|rule| rule.matching().is_literally(prefix));
        assert!(!is_taken, "there is a route or a page at {prefix}");
        let below = Matching::below(prefix).expect("the caller nests below a plain path");
        self.router = std::mem::take(&mut self.router).nest_service(prefix, service.map_response(meant));
        Rule::new(below, Taker::Router)
    }

    /// How long a request may take that no route takes. The routes count their own time.
    pub(crate) fn in_time(self, deadline: Option<Duration>) -> Self {
        Self { deadline, ..self }
    }

    pub(crate) fn build(self) -> Table {
        let highest = self.rules.iter().map(|rule| rule.matching().priority).max().unwrap_or_default();
        let pages = self.pages.into_iter().map(|page| page.with_priority(highest));
        let router = match self.deadline {
            Some(time) => self.router.layer(DeadlineLayer::new(time)),
            None => self.router,
        };
        Table { matcher: Arc::new(Matcher::new(pages.chain(self.rules).collect())), router }
    }
}

/// An answer of the program's own, which stays as it is.
fn meant(answer: impl IntoResponse) -> Response<Body> {
    let mut answer = answer.into_response();
    if answer.status().is_client_error() || answer.status().is_server_error() {
        answer.extensions_mut().insert(Meant);
    }
    answer
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use proxy_service::ErrorKind;
    use tower::service_fn;

    use super::*;
    use crate::route::Chain;
    use crate::table::Target;

    fn get(path: &str) -> Request<Body> {
        Request::get(path).body(Body::empty()).unwrap()
    }

    /// What is no route has the common time: services of the program's own, pages, and what nobody takes.
    #[tokio::test(start_paused = true)]
    async fn a_service_that_never_answers_is_given_up() {
        let time = Duration::from_secs(30);
        let fallback = Router::new().fallback(async || std::future::pending::<StatusCode>().await);
        let mut table = Builder::new(fallback, []).in_time(Some(time));
        table.nest(
            "/own",
            service_fn(async |_| std::future::pending::<Result<StatusCode, Infallible>>().await),
        );
        let table = table.build();
        for path in ["/own/x", "/elsewhere"] {
            let began = tokio::time::Instant::now();
            let answer = table.clone().oneshot(get(path)).await.unwrap();
            assert_eq!((answer.status(), began.elapsed().as_secs()), (StatusCode::SERVICE_UNAVAILABLE, 30));
            assert_eq!(answer.extensions().get(), Some(&ErrorKind::DeadlineExceeded), "{path}");
            assert!(answer.extensions().get::<Meant>().is_none(), "{path}: it is the gateway's error");
        }
    }

    /// A route for everything may be a gate. Pages are there for everybody, a service of the program's own isn't.
    #[test]
    fn a_route_for_everything_takes_services_and_no_pages() {
        let mut table = Builder::new(Router::new(), ["/healthz"]);
        table.nest("/own", service_fn(async |_| Ok(StatusCode::OK)));
        let everything = Matching { priority: 7, ..Matching::path(PathPattern::root()) };
        let chain = Chain::of(service_fn(async |_| Ok(Response::new(Body::empty()))));
        let target = Target::Rest;
        table.route(Rule::new(
            everything,
            Mounted { name: "/".into(), exactly: chain.clone(), below: chain, target },
        ));
        let table = table.build();
        for (path, route) in [("/healthz", None), ("/own/x", Some("/")), ("/", Some("/"))] {
            assert_eq!(table.route_of(&get(path)), route, "{path}");
        }
    }

    #[tokio::test]
    async fn an_error_of_the_programs_own_is_meant() {
        let mut table = Builder::new(Router::new(), []);
        table.nest("/own", service_fn(async |_| Ok(StatusCode::NOT_FOUND)));
        let table = table.build();
        for (path, is_meant) in [("/own/x", true), ("/elsewhere", false)] {
            let answer = table.clone().oneshot(get(path)).await.unwrap();
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(answer.extensions().get::<Meant>().is_some(), is_meant, "{path}");
        }
    }
}
