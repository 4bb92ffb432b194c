//! Services whose types aren't known, each around the next.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{Request, Response};
use tower::{Layer, Service, ServiceExt};

/// The future of a routed request: a box for each layer that was added by [`Chain::layer`], and one for what is innermost.
pub type Answering = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

/// A service and the layers around it. A layer that isn't added costs nothing.
#[derive(Clone)]
pub struct Chain(Arc<dyn Handle>);

/// Takes requests. What it needs for one of them it clones.
trait Handle: Send + Sync {
    fn handle(&self, request: Request<Body>) -> Answering;
}

impl Chain {
    /// The innermost service. It is cloned for each request, and the clone is in the box of the request's future.
    pub fn of<S>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>,
        S: Clone + Send + Sync + 'static,
    {
        Self(Arc::new(Innermost(service)))
    }

    /// Puts a layer around all that is there.
    #[must_use]
    pub fn layer<L>(self, layer: L) -> Self
    where
        L: Layer<Self>,
        L::Service: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>,
        L::Service: Clone + Send + Sync + 'static,
    {
        Self::of(layer.layer(self))
    }

    /// Changes each request before all that is there takes it. It costs no box.
    #[must_use]
    pub fn map_request(self, change: impl Fn(&mut Request<Body>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Changed { change, inner: self }))
    }

    /// Takes a request.
    pub fn handle(&self, request: Request<Body>) -> Answering {
        self.0.handle(request)
    }
}

struct Innermost<S>(S);

impl<S> Handle for Innermost<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>,
    S: Clone + Send + Sync + 'static,
{
    fn handle(&self, request: Request<Body>) -> Answering {
        Box::pin(self.0.clone().oneshot(request))
    }
}

struct Changed<F> {
    change: F,
    inner: Chain,
}

impl<F> Handle for Changed<F>
where
    F: Fn(&mut Request<Body>) + Send + Sync,
{
    fn handle(&self, mut request: Request<Body>) -> Answering {
        (self.change)(&mut request);
        self.inner.handle(request)
    }
}

impl Service<Request<Body>> for Chain {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Each service of the chain is waited for with its request.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Answering {
        self.handle(request)
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").finish_non_exhaustive()
    }
}
