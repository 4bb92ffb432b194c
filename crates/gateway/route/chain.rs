//! Services whose types aren't known, each around the next.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

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
        let mut service = self.0.clone();
        // Most services are always ready. They need no room to wait with the request, which it would be moved into.
        match service.poll_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(())) => Box::pin(service.call(request)),
            Poll::Ready(Err(never)) => match never {},
            Poll::Pending => Box::pin(service.oneshot(request)),
        }
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

#[cfg(test)]
mod tests {
    use std::future::{Ready, ready};
    use std::sync::Mutex;

    use super::*;

    /// Is ready once somebody has said so. A clone has to be asked anew.
    #[derive(Default)]
    struct Shy {
        gate: Arc<Mutex<Gate>>,
        is_ready: bool,
    }

    #[derive(Default)]
    struct Gate {
        is_open: bool,
        waiting: Option<Waker>,
    }

    impl Clone for Shy {
        fn clone(&self) -> Self {
            Self { gate: Arc::clone(&self.gate), is_ready: false }
        }
    }

    impl Service<Request<Body>> for Shy {
        type Response = Response<Body>;
        type Error = Infallible;
        type Future = Ready<Result<Response<Body>, Infallible>>;

        fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            let mut gate = self.gate.lock().unwrap();
            self.is_ready = gate.is_open;
            if !self.is_ready {
                gate.waiting = Some(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<Body>) -> Self::Future {
            assert!(std::mem::take(&mut self.is_ready), "called before it was ready");
            ready(Ok(Response::new(request.into_body())))
        }
    }

    #[tokio::test]
    async fn a_service_is_waited_for_with_its_request() {
        let gate = Arc::new(Mutex::new(Gate::default()));
        let chain = Chain::of(Shy { gate: Arc::clone(&gate), is_ready: false });
        let answer = tokio::spawn(chain.handle(Request::new(Body::from("hello"))));
        tokio::task::yield_now().await;
        let waiting = {
            let mut gate = gate.lock().unwrap();
            gate.is_open = true;
            gate.waiting.take().expect("the service was asked")
        };
        waiting.wake();
        let body = answer.await.unwrap().unwrap().into_body();
        assert_eq!(axum::body::to_bytes(body, 9).await.unwrap(), "hello");
        chain.handle(Request::new(Body::empty())).await.unwrap();
    }
}
