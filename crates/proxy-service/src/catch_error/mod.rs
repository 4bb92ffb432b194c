//! `CatchErrorLayer`: turns errors into responses.

mod asked;
mod body;
mod future;
mod respond;

use std::convert::Infallible;
use std::error::Error;
use std::task::{Context, Poll, ready};

use http::uri::Authority;
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::error::BoxError;
use asked::Asked;
pub use body::CatchErrorBody;
pub use future::CatchErrorFuture;
use respond::Respond;

/// Answers each error of the service under it: 502, 503, 504 and the like, with `Proxy-Status` (RFC 9209) and one
/// line of plain text. A gRPC request gets a `grpc-status`. The answer doesn't tell the client what went wrong
/// inside; the log does.
///
/// The error may be anything that is `Into<BoxError>`, so other middleware fits between this layer and the proxy. If
/// there is no [`ProxyError`](crate::ProxyError) among its sources, some layer did not let the request through (no
/// endpoint, overload): 503 with `Retry-After`.
///
/// The response has the [`ErrorKind`](crate::ErrorKind) among its extensions.
#[derive(Clone, Debug)]
pub struct CatchErrorLayer {
    respond: Respond,
}

impl CatchErrorLayer {
    /// Answers errors, under the name `gateway` in `Proxy-Status`.
    pub fn new() -> Self {
        Self::named(&Authority::from_static("gateway"))
    }

    /// Answers errors, under this name in `Proxy-Status`. Use the same one as for
    /// [`ProxyLayer::via`](crate::ProxyLayer::via).
    pub fn named(pseudonym: &Authority) -> Self {
        Self { respond: Respond::new(pseudonym) }
    }

    /// Answers a request that a layer refuses by itself, in the same way as an error from below: with the same status,
    /// fields and line in the log. The layer may add fields of its own.
    pub fn answer<B, R>(
        &self,
        request: &Request<B>,
        error: &(dyn Error + Send + Sync + 'static),
    ) -> Response<CatchErrorBody<R>> {
        self.respond.to(error, Asked::by(request))
    }
}

impl Default for CatchErrorLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for CatchErrorLayer {
    type Service = CatchError<S>;

    fn layer(&self, inner: S) -> CatchError<S> {
        CatchError { inner, unready: None, respond: self.respond.clone() }
    }
}

/// The service of a [`CatchErrorLayer`]. It never fails.
#[derive(Debug)]
pub struct CatchError<S> {
    inner: S,
    /// Why the inner service can't be called. The next request is answered with it.
    unready: Option<BoxError>,
    respond: Respond,
}

impl<S: Clone> Clone for CatchError<S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), unready: None, respond: self.respond.clone() }
    }
}

impl<S, B, R> Service<Request<B>> for CatchError<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
{
    type Response = Response<CatchErrorBody<R>>;
    type Error = Infallible;
    type Future = CatchErrorFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        if self.unready.is_none() {
            self.unready = ready!(self.inner.poll_ready(cx)).err().map(Into::into);
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let asked = Asked::by(&request);
        let respond = self.respond.clone();
        match self.unready.take() {
            Some(error) => CatchErrorFuture::unready(error, asked, respond),
            None => CatchErrorFuture::called(self.inner.call(request), asked, respond),
        }
    }
}

#[cfg(test)]
mod tests;
