//! `BufferLayer`: reads a request's body before it passes the request on.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, EXPECT, UPGRADE};
use axum::http::{Method, Request, Response};
use http_body::Body as _;
use pin_project_lite::pin_project;
use proxy_service::{CatchErrorLayer, ProxyError};
use tower::util::Oneshot;
use tower::{Layer, Service, ServiceExt as _};

use super::memory::Memory;
use super::reading::{Read, read};
use super::replay::{Replay, after};

/// Reads up to so many bytes of a request's body before the service below it gets the request. So a slow client holds no
/// upstream, and a body that is there as a whole can be sent again: its request has a [`Replay`] among its extensions.
///
/// A longer body is passed on as it comes, once that much of it is there. So is every body while the memory for all
/// buffers is used up, the body of a request whose length says at once that it is longer, of a tunnel, and of gRPC, where
/// either side may wait for the other's next message.
///
/// A client that stalls is answered with 408, and one that breaks off with 400.
///
/// ```
/// use axum::{Router, routing::post};
/// use gateway::route::limits::{BufferLayer, Memory};
///
/// let memory = Memory::of(64 << 20);   // for all layers
/// let app: Router = Router::new()
///     .route("/upload", post(|body: String| async { body }))
///     .layer(BufferLayer::new(64 << 10, memory.clone()));
/// ```
#[derive(Clone, Debug)]
pub struct BufferLayer {
    most: usize,
    memory: Memory,
    patience: Duration,
}

impl BufferLayer {
    /// Reads up to this many bytes into this memory, and waits for up to 60 s for each piece.
    pub fn new(most: usize, memory: Memory) -> Self {
        Self { most, memory, patience: Duration::from_secs(60) }
    }

    /// How long it waits for each piece of a body; [`Duration::MAX`] is for ever.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    fn reads(&self, request: &Request<Body>) -> bool {
        let body = request.body();
        let is_longer = usize::try_from(body.size_hint().lower()).is_ok_and(|least| least > self.most);
        !body.is_end_stream()
            && !is_longer
            && *request.method() != Method::CONNECT
            && !request.headers().contains_key(UPGRADE)
            && !is_grpc(request)
    }
}

fn is_grpc(request: &Request<Body>) -> bool {
    let media_type = request.headers().get(CONTENT_TYPE);
    media_type.is_some_and(|media_type| media_type.as_bytes().starts_with(b"application/grpc"))
}

impl<S> Layer<S> for BufferLayer {
    type Service = Buffered<S>;

    fn layer(&self, inner: S) -> Buffered<S> {
        Buffered { inner, layer: self.clone() }
    }
}

/// The service of a [`BufferLayer`].
#[derive(Clone, Debug)]
pub struct Buffered<S> {
    inner: S,
    layer: BufferLayer,
}

impl<S> Service<Request<Body>> for Buffered<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BufferedRequest<S>;

    /// This is always ready. The future asks the inner service for readiness once the body is there: a slow client must not
    /// hold a place that readiness takes.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let service = self.inner.clone();
        if !self.layer.reads(&request) {
            return BufferedRequest { state: State::Passed { response: service.oneshot(request) } };
        }
        let reading = Box::pin(buffered(request, self.layer.clone()));
        BufferedRequest { state: State::Reading { reading, service: Some(service) } }
    }
}

/// The request with what was read of its body, or the answer if that failed.
async fn buffered(request: Request<Body>, layer: BufferLayer) -> Result<Request<Body>, Response<Body>> {
    let (mut parts, body) = request.into_parts();
    match read(body, layer.most, &layer.memory, layer.patience).await {
        Ok(Read::Whole { content, trailers }) => {
            // The client was told to go on when the first piece was asked for.
            parts.headers.remove(EXPECT);
            let replay = Replay::new(content, trailers);
            let body = replay.body();
            parts.extensions.insert(replay);
            Ok(Request::from_parts(parts, body))
        }
        Ok(Read::Begun { content, rest }) => {
            if !content.is_empty() {
                parts.headers.remove(EXPECT);
            }
            Ok(Request::from_parts(parts, after(content, rest)))
        }
        Err(error) => Err(refused(Request::from_parts(parts, ()), error)),
    }
}

fn refused(request: Request<()>, error: ProxyError) -> Response<Body> {
    CatchErrorLayer::new().answer::<(), Body>(&request, &error).map(Body::new)
}

type Reading = Pin<Box<dyn Future<Output = Result<Request<Body>, Response<Body>>> + Send>>;

pin_project! {
    /// The future of a [`Buffered`].
    #[must_use = "futures do nothing unless polled"]
    pub struct BufferedRequest<S>
    where
        S: Service<Request<Body>>,
    {
        #[pin]
        state: State<S>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S>
    where
        S: Service<Request<Body>>,
    {
        Reading { reading: Reading, service: Option<S> },
        Passed { #[pin] response: Oneshot<S, Request<Body>> },
    }
}

impl<S> Future for BufferedRequest<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
{
    type Output = Result<Response<Body>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProjection::Reading { reading, service } => match ready!(reading.as_mut().poll(cx)) {
                    Ok(request) => {
                        let service =
                            service.take().expect("the state is left as soon as its service is taken");
                        this.state.set(State::Passed { response: service.oneshot(request) });
                    }
                    Err(answer) => return Poll::Ready(Ok(answer)),
                },
                StateProjection::Passed { response } => return response.poll(cx),
            }
        }
    }
}

impl<S: Service<Request<Body>>> fmt::Debug for BufferedRequest<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferedRequest").finish_non_exhaustive()
    }
}
