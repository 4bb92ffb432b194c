//! `redirect`: an answer that sends clients elsewhere.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::header::LOCATION;
use axum::http::{Request, Response, StatusCode};
use tower::Service;

use super::location::location;
use super::plain::plain;
use crate::config::RouteRedirect;
use crate::route::template::Facts;

/// Sends clients elsewhere. A request for which no safe `Location` can be made gets 400: one without a host, if the host
/// is needed.
///
/// ```
/// use axum::http::{Request, StatusCode};
/// use gateway::config::{RouteRedirect, RouteTemplate};
/// use gateway::route::answers::RedirectService;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let secured = RedirectService::new(RouteRedirect {
///     status: StatusCode::PERMANENT_REDIRECT,
///     origin: Some(RouteTemplate::compile("https://{host}", &[])?),
///     target: RouteTemplate::compile("{uri}", &[])?,
/// });
/// let request = Request::get("/x?y").header("host", "a.example:8080").body(())?;
/// assert_eq!(secured.oneshot(request).await?.headers()["location"], "https://a.example/x?y");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RedirectService {
    redirect: Arc<RouteRedirect>,
}

impl RedirectService {
    /// Sends clients there.
    pub fn new(redirect: RouteRedirect) -> Self {
        Self { redirect: Arc::new(redirect) }
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<Body> {
        let Some(location) = location(&self.redirect, &Facts::of(request)) else {
            return plain(StatusCode::BAD_REQUEST);
        };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.redirect.status;
        response.headers_mut().insert(LOCATION, location);
        response
    }
}

impl<B> Service<Request<B>> for RedirectService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(self.answer(&request)))
    }
}
