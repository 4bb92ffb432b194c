use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::Body;
use axum::http::{Request, Response};
use bytes::Bytes;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use super::asked::asked;
use super::body::RecordBody;
use super::upload::counted;
use crate::observe::{Audience, Origin, Record, Trace, Tracer};
use crate::peer;

/// Follows each request until its answer has ended, and then tells the audience. Events of the request are within a
/// span of level DEBUG that has its id. Boxes the request's body.
#[derive(Clone, Debug)]
pub(crate) struct RecordLayer {
    audience: Arc<Audience>,
}

impl RecordLayer {
    pub(crate) fn new(audience: Arc<Audience>) -> Self {
        Self { audience }
    }
}

impl<S> Layer<S> for RecordLayer {
    type Service = Recorded<S>;

    fn layer(&self, inner: S) -> Recorded<S> {
        Recorded { inner, audience: Arc::clone(&self.audience) }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Recorded<S> {
    inner: S,
    audience: Arc<Audience>,
}

impl<S, B, R> Service<Request<B>> for Recorded<S>
where
    S: Service<Request<Body>, Response = Response<R>>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    R: http_body::Body,
{
    type Response = Response<RecordBody<R>>;
    type Error = S::Error;
    type Future = RecordFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let trace = self.audience.tracer().map(|tracer| traced(tracer, &mut request));
        let record = Record::begin(asked(&request, self.audience.wants(), trace), &self.audience);
        let journey = record.journey();
        let mut request = request.map(|body| counted(body, &journey));
        request.extensions_mut().insert(journey);
        let inner = record.within(|| self.inner.call(request));
        RecordFuture { inner, record: Some(record) }
    }
}

/// Gives a request its part in a trace.
#[cold]
fn traced<B>(tracer: &Tracer, request: &mut Request<B>) -> Box<Trace> {
    let origin = match peer::is_trusted_proxy(request.extensions()) {
        true => Origin::TrustedProxy,
        false => Origin::Anybody,
    };
    Box::new(tracer.begin(request.headers_mut(), origin))
}

pin_project! {
    pub(crate) struct RecordFuture<F> {
        #[pin]
        inner: F,
        record: Option<Record>,
    }
}

impl<F, R, E> Future for RecordFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: http_body::Body,
{
    type Output = Result<Response<RecordBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(Record::around(this.record.as_ref(), || this.inner.poll(cx)))?;
        let record = this.record.take();
        if let Some(record) = &record {
            record.head(&response);
        }
        Poll::Ready(Ok(response.map(|body| RecordBody::new(body, record))))
    }
}
