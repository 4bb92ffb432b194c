use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use super::body::LogBody;
use super::watch::Watch;

/// Writes one event with the target `access` and level INFO for each request. Other events of the request are within a
/// span of level DEBUG that has its id. If both are turned off, it does nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccessLogLayer;

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLog<S>;

    fn layer(&self, inner: S) -> AccessLog<S> {
        AccessLog { inner }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct AccessLog<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for AccessLog<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<LogBody<R>>;
    type Error = S::Error;
    type Future = LogFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let watch = Watch::begin(&mut request);
        let inner = Watch::within(watch.as_deref(), || self.inner.call(request));
        LogFuture { inner, watch }
    }
}

pin_project! {
    pub(crate) struct LogFuture<F> {
        #[pin]
        inner: F,
        watch: Option<Box<Watch>>,
    }
}

impl<F, R, E> Future for LogFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body,
{
    type Output = Result<Response<LogBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(Watch::within(this.watch.as_deref(), || this.inner.poll(cx)))?;
        let mut watch = this.watch.take();
        if let Some(line) = watch.as_mut().and_then(|watch| watch.line.as_mut()) {
            line.head(&response);
        }
        Poll::Ready(Ok(response.map(|body| LogBody::new(body, watch))))
    }
}
