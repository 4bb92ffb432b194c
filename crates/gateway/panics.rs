//! A panic while a request is handled is an error of that request, and nothing more.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::BoxError;
use axum::http::Request;
use pin_project_lite::pin_project;
use proxy_service::ProxyError;
use tower::{Layer, Service};

/// Turns panics into errors, so that they are answered where all errors are. The panic hook has already logged them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PanicsAreErrorsLayer;

impl<S> Layer<S> for PanicsAreErrorsLayer {
    type Service = PanicsAreErrors<S>;

    fn layer(&self, inner: S) -> PanicsAreErrors<S> {
        PanicsAreErrors { inner }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct PanicsAreErrors<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for PanicsAreErrors<S>
where
    S: Service<Request<B>, Error: Into<BoxError>>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = PanicFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        PanicFuture { inner: catch_unwind(AssertUnwindSafe(|| self.inner.call(request))).ok() }
    }
}

pin_project! {
    /// None if the call has panicked.
    pub(crate) struct PanicFuture<F> {
        #[pin]
        inner: Option<F>,
    }
}

impl<F, R, E> Future for PanicFuture<F>
where
    F: Future<Output = Result<R, E>>,
    E: Into<BoxError>,
{
    type Output = Result<R, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = self.project().inner.as_pin_mut().and_then(|inner| {
            // A future that has panicked is not polled again.
            catch_unwind(AssertUnwindSafe(|| inner.poll(cx))).ok()
        });
        match polled {
            Some(polled) => polled.map_err(Into::into),
            None => Poll::Ready(Err(ProxyError::internal("a panic").into())),
        }
    }
}
