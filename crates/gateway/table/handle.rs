//! Services whose types aren't known.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response};
use tower::{Service, ServiceExt};

/// The future of a routed request: the only box that it needs.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

/// A service that is cloned for each request. The clone is in the box of the request's future.
pub(super) trait Handle: Send + Sync {
    fn handle(&self, request: Request<Body>) -> Answering;
}

struct Erased<S>(S);

impl<S> Handle for Erased<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>,
    S: Clone + Send + Sync + 'static,
{
    fn handle(&self, request: Request<Body>) -> Answering {
        Box::pin(self.0.clone().oneshot(request))
    }
}

pub(super) fn erased<S>(service: S) -> Arc<dyn Handle>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>,
    S: Clone + Send + Sync + 'static,
{
    Arc::new(Erased(service))
}
