//! `Routes`: the services of a program's own routes.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{Request, Response};
use proxy_service::{CatchErrorLayer, ProxyError};
use tower::Service;

use super::admitted::{Admitted, Ruling};
use super::matching::{Matcher, Rule};
use super::original::Original;

/// Sends each request to the service of the route whose conditions hold, or to another one if there is none. Which route is
/// asked first says [`Matcher`].
///
/// A request has an [`Original`] from here on, with what the names of its route's path have captured. Its path stays as it
/// is: a [`RewriteLayer`](super::RewriteLayer) takes prefixes off. A way around a route that is [gated](Rule::gated) is
/// answered with 400.
///
/// ```
/// use axum::body::Body;
/// use axum::http::{Request, Response, StatusCode};
/// use gateway::config::{Matching, PathPattern, Respond};
/// use gateway::route::answers::RespondService;
/// use gateway::route::{Chain, Original, Routes, Rule};
/// use std::convert::Infallible;
/// use tower::{ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let user = service_fn(async |request: Request<Body>| {
///     let id = request.extensions().get().map_or("", |original: &Original| original.capture(0));
///     Ok::<_, Infallible>(Response::new(Body::from(id.to_owned())))
/// });
/// let routes = Routes::new(
///     [Rule::new(Matching::path(PathPattern::pattern("/users/{id}")?), Chain::of(user))],
///     Chain::of(RespondService::new(Respond::new(StatusCode::NOT_FOUND))),
/// );
/// let app: axum::Router = axum::Router::new().fallback_service(routes.clone());
///
/// let answer = routes.clone().oneshot(Request::get("/users/7").body(Body::empty())?).await?;
/// assert_eq!(axum::body::to_bytes(answer.into_body(), 10).await?, "7");
/// assert_eq!(routes.oneshot(Request::get("/").body(Body::empty())?).await?.status(), 404);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Routes<S> {
    matcher: Arc<Matcher<S>>,
    otherwise: S,
}

impl<S> Routes<S> {
    /// The services of these routes, and one for all other requests.
    pub fn new(rules: impl IntoIterator<Item = Rule<S>>, otherwise: S) -> Self {
        Self { matcher: Arc::new(Matcher::new(rules.into_iter().collect())), otherwise }
    }
}

impl<S, B> Service<Request<B>> for Routes<S>
where
    S: Service<Request<B>, Response = Response<Body>> + Clone,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Admitted<S, B, Way>;

    /// This is always ready. The future asks the service of the route for readiness.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let way = if self.matcher.has_way_around(&request) { Way::AroundGate } else { Way::Open };
        let matched = self.matcher.find(&request);
        let original = Original::of(request.uri());
        let (mut service, original) = match matched {
            Some(matched) => {
                (matched.value.clone(), original.capturing(matched.captures).below(matched.prefix))
            }
            None => (self.otherwise.clone(), original),
        };
        request.extensions_mut().insert(original);
        Admitted::now(way, &mut service, request)
    }
}

/// Whether a request leads around a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It goes where it says.
    Open,
    /// Somebody would read it as one for a gated route.
    AroundGate,
}

impl Ruling for Way {
    fn refusal<B>(&self, request: &Request<B>) -> Option<Response<Body>> {
        let error = || ProxyError::bad_request("a way around a gate");
        let answer = || CatchErrorLayer::new().answer::<B, Body>(request, &error()).map(Body::new);
        (*self == Self::AroundGate).then(answer)
    }

    fn close(self, answer: Response<Body>) -> Response<Body> {
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tower::{ServiceExt, service_fn};

    use super::*;
    use crate::config::{Matching, PathPattern};

    #[tokio::test]
    async fn what_leads_around_a_gate_reaches_nobody() {
        let answer = |name: &'static str| {
            service_fn(move |_: Request<()>| {
                std::future::ready(Ok::<_, Infallible>(Response::new(Body::from(name))))
            })
        };
        let gated = Rule::new(Matching::below("/admin").unwrap(), answer("gated")).gated();
        let below = Rule::new(Matching::path(PathPattern::root()), answer("open"));
        let routes = Routes::new([gated, below], answer("nobody"));
        for (path, status, body) in [
            ("/admin/x", 200, "gated"),
            ("/x", 200, "open"),
            ("/%61dmin", 400, "Bad Request\n"),
            ("//admin", 400, "Bad Request\n"),
        ] {
            let answer = routes.clone().oneshot(Request::get(path).body(()).unwrap()).await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
            assert_eq!(axum::body::to_bytes(answer.into_body(), 99).await.unwrap(), body, "{path}");
        }
    }
}
