//! `errors`: what clients read where something failed: pages, or problem details (RFC 9457).

mod accepts;
mod concerned;
mod future;
mod problem;
mod told;

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::BoxError;
use axum::http::{Request, Response};
use bytes::Bytes;
use tower::{Layer, Service};

use self::concerned::Asked;
pub(crate) use self::concerned::Meant;
use self::future::ErrorsFuture;
use crate::config::Errors;

/// Gives errors a page, or problem details (RFC 9457) if the client rather reads JSON. Status and all other fields stay,
/// such as `Retry-After`, `WWW-Authenticate` and `Proxy-Status`.
///
/// Errors of the gateway and of layers are given one, those of upstreams only with [`Errors::intercept`]. gRPC is left
/// alone, and so is what was answered on purpose or by such a layer further inside.
///
/// ```
/// use gateway::config::Errors;
/// use gateway::route::answers::ErrorsLayer;
///
/// let layer = ErrorsLayer::new(Errors::default());
/// # let _ = tower::Layer::layer(&layer, ());
/// ```
#[derive(Clone, Debug)]
pub struct ErrorsLayer {
    errors: Arc<Errors>,
}

impl ErrorsLayer {
    /// Gives errors these pages.
    pub fn new(errors: Errors) -> Self {
        Self { errors: Arc::new(errors) }
    }
}

impl<S> Layer<S> for ErrorsLayer {
    type Service = WithErrors<S>;

    fn layer(&self, inner: S) -> WithErrors<S> {
        WithErrors { inner, errors: Arc::clone(&self.errors) }
    }
}

/// The service of an [`ErrorsLayer`].
#[derive(Clone, Debug)]
pub struct WithErrors<S> {
    inner: S,
    errors: Arc<Errors>,
}

impl<S, A, B> Service<Request<A>> for WithErrors<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + From<Bytes> + Send + 'static,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = ErrorsFuture<S::Future, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let asked = Asked::by(&request, &self.errors);
        ErrorsFuture::new(self.inner.call(request), asked, Arc::clone(&self.errors))
    }
}
