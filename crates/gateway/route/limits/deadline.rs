//! `DeadlineLayer`: how long a route's requests may take.

use std::time::Duration;

use axum::BoxError;
use proxy_service::{CatchError, CatchErrorLayer, ProxyError};
use tower::Layer;
use tower::timeout::Timeout;
use tower::timeout::error::Elapsed;
use tower::util::MapErr;

/// Answers a request with 503 if the head of its answer isn't there in time. It is tower's [`Timeout`] within a
/// [`CatchErrorLayer`], which answers all other errors of the service as well.
///
/// ```
/// use std::time::Duration;
/// use axum::{Router, routing::get};
/// use gateway::route::limits::DeadlineLayer;
///
/// let app: Router = Router::new()
///     .route("/report", get(|| async { "the report" }))
///     .layer(DeadlineLayer::new(Duration::from_secs(30)));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct DeadlineLayer {
    time: Duration,
}

impl DeadlineLayer {
    /// From a request's head to that of its answer.
    pub fn new(time: Duration) -> Self {
        Self { time }
    }
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = CatchError<MapErr<Timeout<S>, fn(BoxError) -> BoxError>>;

    fn layer(&self, inner: S) -> Self::Service {
        CatchErrorLayer::new().layer(MapErr::new(Timeout::new(inner, self.time), deadline_is_explained))
    }
}

/// Makes the error for a request that took too long.
fn deadline_is_explained(error: BoxError) -> BoxError {
    if error.is::<Elapsed>() { ProxyError::deadline_exceeded(error).into() } else { error }
}
