use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, Response};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::sync::mpsc;
use tower::util::future_service;
use tower::{Layer, ServiceExt, service_fn};

use super::*;
use crate::route::Chain;

type Piece = Result<Frame<Bytes>, axum::Error>;

/// A body that comes piece by piece.
struct Pieces(mpsc::UnboundedReceiver<Piece>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Piece>> {
        self.0.poll_recv(cx)
    }
}

fn pieces() -> (mpsc::UnboundedSender<Piece>, Body) {
    let (sender, pieces) = mpsc::unbounded_channel();
    (sender, Body::new(Pieces(pieces)))
}

fn data(text: &'static str) -> Piece {
    Ok(Frame::data(text.into()))
}

/// What reached the service.
#[derive(Debug)]
struct Reached {
    size: SizeHint,
    replayed: Option<Body>,
    has_expect: bool,
    body: Body,
}

/// Sends a body through the layer, and returns what reached the service, and the status.
async fn sent(layer: &BufferLayer, request: Request<Body>) -> (u16, Option<Reached>) {
    let (told, mut reached) = mpsc::unbounded_channel();
    let service = service_fn(move |request: Request<Body>| {
        let told = told.clone();
        async move {
            let replayed = request.extensions().get::<Replay>().map(Replay::body);
            let has_expect = request.headers().contains_key("expect");
            let (size, body) = (request.body().size_hint(), request.into_body());
            let _ = told.send(Reached { size, replayed, has_expect, body });
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }
    });
    let answer = layer.layer(service).oneshot(request).await.unwrap();
    (answer.status().as_u16(), reached.try_recv().ok())
}

async fn text(body: Body) -> (String, Option<HeaderMap>) {
    let whole = body.collect().await.unwrap();
    let trailers = whole.trailers().cloned();
    (String::from_utf8(whole.to_bytes().to_vec()).unwrap(), trailers)
}

fn layer(most: usize) -> (BufferLayer, Memory) {
    let memory = Memory::of(1 << 20);
    (BufferLayer::new(most, memory.clone()).patience(Duration::from_secs(5)), memory)
}

#[tokio::test(start_paused = true)]
async fn a_body_that_fits_is_read_first_and_can_be_sent_again() {
    let (layer, memory) = layer(8);
    let (sender, body) = pieces();
    for piece in [data("four"), data(""), data("more")] {
        sender.send(piece).unwrap();
    }
    drop(sender);
    let request = Request::post("/").header("expect", "100-continue").body(body).unwrap();
    let (status, reached) = sent(&layer, request).await;
    let Reached { size, replayed, has_expect, body } = reached.unwrap();
    assert_eq!((status, size.exact(), has_expect), (200, Some(8), false));
    assert!(memory.left() < 1 << 20);
    assert_eq!(text(body).await.0, "fourmore");
    assert_eq!(text(replayed.unwrap()).await.0, "fourmore");
    assert_eq!(memory.left(), 1 << 20, "all of it came back");
}

#[tokio::test(start_paused = true)]
async fn trailers_are_kept_and_the_body_is_chunked_then() {
    let (layer, _) = layer(8);
    let (sender, body) = pieces();
    sender.send(data("four")).unwrap();
    sender
        .send(Ok(Frame::trailers(HeaderMap::from_iter([("x-sum".parse().unwrap(), "1".parse().unwrap())]))))
        .unwrap();
    let (_, reached) = sent(&layer, Request::new(body)).await;
    let Reached { size, replayed, body, .. } = reached.unwrap();
    assert_eq!(size.exact(), None);
    for body in [body, replayed.unwrap()] {
        let (content, trailers) = text(body).await;
        assert_eq!((content.as_str(), trailers.unwrap()["x-sum"].to_str().unwrap()), ("four", "1"));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_longer_goes_on_as_it_comes() {
    let (layer, _) = layer(8);
    let (sender, body) = pieces();
    for piece in [data("eight by"), data("te")] {
        sender.send(piece).unwrap();
    }
    let (status, reached) = sent(&layer, Request::new(body)).await;
    let Reached { replayed, body, .. } = reached.unwrap();
    assert!(status == 200 && replayed.is_none());
    sender.send(data("s and more")).unwrap();
    drop(sender);
    assert_eq!(text(body).await.0, "eight bytes and more");
}

/// Requests whose bodies are not read at all.
#[tokio::test(start_paused = true)]
async fn some_bodies_are_not_waited_for() {
    let (layer, _) = layer(8);
    let request = || Request::post("/");
    let open = || {
        let (sender, body) = pieces();
        std::mem::forget(sender);
        body
    };
    for (case, request) in [
        ("empty", Request::new(Body::empty())),
        ("longer, as it says itself", Request::new(Body::from("longer than eight"))),
        ("gRPC", request().header("content-type", "application/grpc+proto").body(open()).unwrap()),
        ("an upgrade", request().header("upgrade", "websocket").body(open()).unwrap()),
        ("a tunnel", Request::connect("/").body(open()).unwrap()),
    ] {
        let (status, reached) = sent(&layer, request).await;
        let reached = reached.unwrap_or_else(|| panic!("{case} was waited for"));
        assert!(status == 200 && reached.replayed.is_none(), "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_memory_everything_streams() {
    let memory = Memory::of(5000);
    let layer = BufferLayer::new(8192, memory.clone());
    let (sender, body) = pieces();
    sender.send(data("begun")).unwrap();
    sender.send(Ok(Frame::data(vec![b'x'; 6000].into()))).unwrap();
    let (_, reached) = sent(&layer, Request::new(body)).await;
    let begun = reached.unwrap();
    assert!(begun.replayed.is_none());
    assert_eq!(memory.left(), 5000 - 4096);
    let (_, reached) = sent(&layer, Request::new(Body::from(vec![b'x'; 1000]))).await;
    assert!(reached.unwrap().replayed.is_none(), "nothing is left for another");
    drop(begun);
    assert_eq!(memory.left(), 5000);
}

#[tokio::test(start_paused = true)]
async fn who_stalls_or_breaks_off_reaches_nobody() {
    let (layer, memory) = layer(8);
    let (sender, body) = pieces();
    sender.send(data("four")).unwrap();
    let (status, reached) = sent(&layer, Request::new(body)).await;
    assert!(status == 408 && reached.is_none());
    let (sender, body) = pieces();
    sender.send(data("four")).unwrap();
    sender.send(Err(axum::Error::new("cut"))).unwrap();
    let (status, reached) = sent(&layer, Request::new(body)).await;
    assert!(status == 400 && reached.is_none());
    assert_eq!(memory.left(), 1 << 20);
}

/// A client that sends a byte at a time is not given up, and takes no more than it may.
#[tokio::test(start_paused = true)]
async fn small_pieces_take_no_more_memory_than_large_ones() {
    let (layer, memory) = layer(10_000);
    let (sender, body) = pieces();
    let is_over = Arc::new(AtomicBool::new(false));
    tokio::spawn({
        let is_over = Arc::clone(&is_over);
        async move {
            for _ in 0..9000 {
                sender.send(data("x")).unwrap();
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            is_over.store(true, Ordering::Relaxed);
        }
    });
    let (_, reached) = sent(&layer, Request::new(body)).await;
    assert!(is_over.load(Ordering::Relaxed));
    assert_eq!(memory.left(), (1 << 20) - 10_000);
    assert_eq!(reached.unwrap().size.exact(), Some(9000));
}

/// Readiness may take a place, as that of tower's `ConcurrencyLimit` does. A slow client must not hold one.
#[tokio::test(start_paused = true)]
async fn a_body_is_read_before_the_service_is_asked_whether_it_is_ready() {
    let (layer, memory) = layer(100);
    let never = future_service(std::future::pending::<Result<Chain, Infallible>>());
    let (more, body) = pieces();
    more.send(data("a piece")).unwrap();
    let waiting = tokio::spawn(layer.layer(never).oneshot(Request::new(body)));
    tokio::task::yield_now().await;
    assert!(memory.left() < 1 << 20);
    waiting.abort();
}
