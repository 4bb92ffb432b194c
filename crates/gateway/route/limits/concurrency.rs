//! `ConcurrencyLayer`: how many requests of a route may be in flight.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use http_body::{Body as _, Frame, SizeHint};
use proxy_service::{CatchErrorLayer, ProxyError, Tunnel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{Layer, Service};

use crate::config::Concurrency;
use crate::route::admitted::{Admitted, Ruling};

/// Lets so many requests through at a time. More wait in a queue, and what finds the queue full or waits for too long is
/// answered with 503 and `Retry-After`. A request is in flight until the body of its answer has ended, or its tunnel.
///
/// Clones of the layer count together.
///
/// ```
/// use axum::{Router, routing::get};
/// use gateway::config::{Concurrency, Queue};
/// use gateway::route::limits::ConcurrencyLayer;
///
/// let ten = ConcurrencyLayer::new(Concurrency { requests: 10, queue: Queue::default() });
/// let app: Router = Router::new().route("/report", get(|| async { "the report" })).layer(ten);
/// ```
#[derive(Clone, Debug)]
pub struct ConcurrencyLayer {
    limit: Concurrency,
    free: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl ConcurrencyLayer {
    /// Nothing is in flight yet.
    pub fn new(limit: Concurrency) -> Self {
        let free = Arc::new(Semaphore::new(limit.requests));
        Self { limit, free, waiting: Arc::default() }
    }

    /// The limit.
    pub fn limit(&self) -> &Concurrency {
        &self.limit
    }

    /// Waits for a place.
    async fn wait(self) -> Entry {
        let in_queue = |waiting| (waiting < self.limit.queue.size).then_some(waiting + 1);
        if self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, in_queue).is_err() {
            return Entry(Err(Full::AtOnce));
        }
        let _waiting = Waiting(self.waiting);
        match tokio::time::timeout(self.limit.queue.timeout, self.free.acquire_owned()).await {
            Ok(Ok(place)) => Entry(Ok(place)),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => Entry(Err(Full::ForTooLong)),
        }
    }
}

impl<S> Layer<S> for ConcurrencyLayer {
    type Service = Concurrent<S>;

    fn layer(&self, inner: S) -> Concurrent<S> {
        Concurrent { inner, layer: self.clone() }
    }
}

/// The service of a [`ConcurrencyLayer`].
#[derive(Clone, Debug)]
pub struct Concurrent<S> {
    inner: S,
    layer: ConcurrencyLayer,
}

impl<S, B> Service<Request<B>> for Concurrent<S>
where
    S: Service<Request<B>, Response = Response<Body>> + Clone,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Admitted<S, B, Entry>;

    /// This is always ready. The future asks the inner service for readiness once the request has its place.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match Arc::clone(&self.layer.free).try_acquire_owned() {
            Ok(place) => Admitted::now(Entry(Ok(place)), &mut self.inner, request),
            Err(_) => Admitted::later(Box::pin(self.layer.clone().wait()), &mut self.inner, request),
        }
    }
}

/// Whether a request has a place.
#[derive(Debug)]
pub struct Entry(Result<OwnedSemaphorePermit, Full>);

/// Why a request has no place.
#[derive(Clone, Copy, Debug)]
enum Full {
    AtOnce,
    ForTooLong,
}

impl Ruling for Entry {
    fn refusal<B>(&self, request: &Request<B>) -> Option<Response<Body>> {
        let full = *self.0.as_ref().err()?;
        let answer = CatchErrorLayer::new().answer::<B, Body>(request, &ProxyError::limit_reached(full));
        Some(answer.map(Body::new))
    }

    fn close(self, answer: Response<Body>) -> Response<Body> {
        let Ok(place) = self.0 else { return answer };
        if let Some(tunnel) = answer.extensions().get::<Tunnel>() {
            tunnel.hold(place);
            return answer;
        }
        answer.map(|body| match body.is_end_stream() {
            true => body,
            false => Body::new(Holding { body, place: Some(place) }),
        })
    }
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtOnce => "as many requests are in flight as concurrency allows, and its queue is full",
            Self::ForTooLong => {
                "as many requests were in flight as concurrency allows, for as long as one may wait"
            }
        })
    }
}

impl std::error::Error for Full {}

/// One more waits, until this is dropped.
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The body of an answer that has a place until it ends.
struct Holding {
    body: Body,
    place: Option<OwnedSemaphorePermit>,
}

impl http_body::Body for Holding {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        let has_ended = match &polled {
            Poll::Ready(Some(Ok(frame))) => frame.is_trailers() || self.body.is_end_stream(),
            Poll::Ready(Some(Err(_)) | None) => true,
            Poll::Pending => false,
        };
        if has_ended {
            self.place = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
