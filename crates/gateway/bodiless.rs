//! Removes the bodies of responses to HEAD. Over HTTP/2, the listener would send such a body; over HTTP/1 it would drop it
//! unread, and the access log would take that for a client that left.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::http::header::CONTENT_LENGTH;
use axum::http::{Method, Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

/// Removes the body of each response to a HEAD. `Content-Length` says how long it would have been.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodilessHeadLayer;

impl<S> Layer<S> for BodilessHeadLayer {
    type Service = BodilessHead<S>;

    fn layer(&self, inner: S) -> BodilessHead<S> {
        BodilessHead { inner }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct BodilessHead<S> {
    inner: S,
}

impl<S, A, B> Service<Request<A>> for BodilessHead<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Body + Default,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = BodilessHeadFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let is_head = request.method() == Method::HEAD;
        BodilessHeadFuture { inner: self.inner.call(request), is_head }
    }
}

pin_project! {
    pub(crate) struct BodilessHeadFuture<F> {
        #[pin]
        inner: F,
        is_head: bool,
    }
}

impl<F, B, E> Future for BodilessHeadFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body + Default,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx));
        Poll::Ready(if *this.is_head { response.map(without_body) } else { response })
    }
}

/// Replaces the body by an empty one. A body that is already at its end stays, since dropping it may have an effect,
/// such as on the access log.
fn without_body<B: Body + Default>(mut response: Response<B>) -> Response<B> {
    if response.body().is_end_stream() {
        return response;
    }
    if let Some(length) = response.body().size_hint().exact() {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert(length.into());
    }
    response.map(|_| B::default())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Body;
    use tower::{ServiceExt as _, service_fn};

    use super::*;

    #[tokio::test]
    async fn only_heads_lose_their_body_and_keep_its_length() {
        let hello =
            service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(Body::from("hello"))));
        for (method, body, length) in [(Method::GET, "hello", None), (Method::HEAD, "", Some("5"))] {
            let request = Request::builder().method(&method).body(()).unwrap();
            let response = BodilessHeadLayer.layer(hello).oneshot(request).await.unwrap();
            let said = response.headers().get(CONTENT_LENGTH).map(|length| length.to_str().unwrap());
            assert_eq!(said, length, "{method}");
            let read = axum::body::to_bytes(response.into_body(), 9).await.unwrap();
            assert_eq!(read, body, "{method}");
        }
    }
}
