use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use http::{Request, Response};
use tower::{Layer, Service};

use super::guard::{Granted, Guard, Verdict};
use super::rejection::Rejection;
use crate::route::admitted::Admitted;

/// Lets only those requests through to the service under it that a [`Guard`] lets in.
///
/// ```
/// use gateway::config::Users;
/// use gateway::route::entry::{BasicAuth, GuardLayer};
/// use http::{Request, Response, StatusCode};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// # use axum::body::Body;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let users: Users = "ann:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW".parse()?;
/// let service = ServiceBuilder::new()
///     .layer(GuardLayer::new(BasicAuth::new(users).realm("files")))
///     .service(service_fn(async |_: Request<Body>| Ok::<_, std::io::Error>(Response::new(Body::from("hello")))));
///
/// let refused = service.clone().oneshot(Request::new(Body::empty())).await?;
/// assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
///
/// let request = Request::get("/").header("authorization", "Basic YW5uOnNlY3JldA==").body(Body::empty())?;
/// assert_eq!(service.oneshot(request).await?.status(), StatusCode::OK);
/// # Ok(())
/// # }
/// ```
pub struct GuardLayer<G: ?Sized> {
    guard: Arc<G>,
}

impl<G: Guard> GuardLayer<G> {
    /// Puts this guard in front of services. All of them share what it knows.
    pub fn new(guard: G) -> Self {
        Self { guard: Arc::new(guard) }
    }
}

impl<G: Guard + ?Sized> GuardLayer<G> {
    /// Puts this guard in front of services, and wherever else it is put.
    pub(super) fn shared(guard: Arc<G>) -> Self {
        Self { guard }
    }
}

impl<G: ?Sized> Clone for GuardLayer<G> {
    fn clone(&self) -> Self {
        Self { guard: Arc::clone(&self.guard) }
    }
}

impl<G: ?Sized> fmt::Debug for GuardLayer<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardLayer").finish_non_exhaustive()
    }
}

impl<S, G: Guard + ?Sized> Layer<S> for GuardLayer<G> {
    type Service = Guarded<S, G>;

    fn layer(&self, inner: S) -> Guarded<S, G> {
        Guarded { inner, guard: Arc::clone(&self.guard) }
    }
}

/// A service that only those requests reach that a guard lets in. Made by [`GuardLayer`].
pub struct Guarded<S, G: ?Sized> {
    inner: S,
    guard: Arc<G>,
}

impl<S: Clone, G: ?Sized> Clone for Guarded<S, G> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), guard: Arc::clone(&self.guard) }
    }
}

impl<S: fmt::Debug, G: ?Sized> fmt::Debug for Guarded<S, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<S, G, B> Service<Request<B>> for Guarded<S, G>
where
    S: Service<Request<B>, Response = Response<Body>> + Clone,
    G: Guard + ?Sized,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Admitted<S, B, Result<Granted, Rejection>>;

    /// This is always ready. The future asks the inner service for readiness once the request is let in: readiness may
    /// reserve a part of the inner service, which a refused request must not do.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut head, body) = request.into_parts();
        let verdict = self.guard.examine(&mut head);
        let request = Request::from_parts(head, body);
        match verdict {
            Verdict::Now(decision) => Admitted::now(decision, &mut self.inner, request),
            Verdict::Later(decision) => Admitted::later(decision, &mut self.inner, request),
        }
    }
}
