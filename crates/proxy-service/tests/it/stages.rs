//! How long the stages of a request took, how much of its body went up, and how requests failed.

use std::convert::Infallible;
use std::future::ready;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, Empty};
use proxy_service::{
    CatchErrorLayer, ErrorKind, ProxyLayer, ProxyService, RequestBody, Stages, Target, Timeouts, Upstream,
    client,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tower::{Layer, ServiceExt, service_fn};

const SECOND: Duration = Duration::from_secs(1);

fn get() -> Request<Empty<Bytes>> {
    let request = Request::get("/").header("host", "test").header("x-request-id", "7");
    request.body(Empty::new()).unwrap()
}

/// Listens, and lets the test do by hand what an upstream does.
async fn listen() -> (TcpListener, Target) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    (listener, target)
}

async fn read_head(stream: &mut TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        read.push(stream.read_u8().await.unwrap());
    }
    read
}

/// The stages in the order in which they have to be.
fn assert_in_order(stages: &Stages) {
    let (sent, head) = (stages.sent().unwrap(), stages.head().unwrap());
    let connect = stages.connect().unwrap_or_default();
    assert!(connect <= sent && sent <= head, "{stages:?}");
}

#[tokio::test(start_paused = true)]
async fn each_stage_is_timed_and_a_reused_connection_needs_no_connect() {
    let (listener, target) = listen().await;
    let proxy = ProxyService::new(target, client::<Empty<Bytes>>());
    let upstream = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        for _ in 0..2 {
            read_head(&mut stream).await;
            tokio::time::sleep(SECOND * 3).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
        }
        stream
    };
    let ask = async {
        let mut all = Vec::new();
        for _ in 0..2 {
            let answer = proxy.clone().oneshot(get()).await.unwrap();
            let upstream = answer.extensions().get::<Upstream>().unwrap().clone();
            answer.into_body().collect().await.unwrap();
            assert_eq!(upstream.uploaded(), 0);
            all.push(*upstream.stages());
        }
        all
    };
    let (_stream, stages) = tokio::join!(upstream, ask);
    let [first, second] = stages[..] else { panic!("{stages:?}") };
    assert!(first.connect().is_some() && second.connect().is_none());
    for stages in [first, second] {
        assert_in_order(&stages);
        assert!(stages.head().unwrap() - stages.sent().unwrap() >= SECOND * 3, "{stages:?}");
    }
    assert!(second.began() >= first.began() + first.head().unwrap());
    let counts = proxy.connections();
    assert_eq!((counts.created, counts.reused, counts.handshakes), (1, 1, 0));
}

#[tokio::test]
async fn a_body_is_counted_also_what_goes_up_after_the_head_of_the_answer() {
    let (listener, target) = listen().await;
    let (pieces, body) = mpsc::channel(1);
    let proxy = ProxyService::new(target, client());
    let upstream = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n").await.unwrap();
        stream
    };
    let request = Request::post("/").header("host", "test").body(Channel(body)).unwrap();
    let first = pieces.send(Bytes::from_static(b"12345"));
    let (mut stream, answer, _) = tokio::join!(upstream, proxy.oneshot(request), first);
    let answer = answer.unwrap();
    let upstream = answer.extensions().get::<Upstream>().unwrap().clone();
    assert_eq!((upstream.uploaded(), upstream.stages().sent()), (5, None), "more is to come");
    pieces.send(Bytes::from_static(b"678")).await.unwrap();
    drop(pieces);
    let mut rest = Vec::new();
    while !rest.ends_with(b"0\r\n\r\n") {
        rest.push(stream.read_u8().await.unwrap());
    }
    stream.write_all(b"ok").await.unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "ok");
    assert_eq!(upstream.uploaded(), 8);
}

/// A body whose pieces the test sends.
struct Channel(mpsc::Receiver<Bytes>);

impl http_body::Body for Channel {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

#[tokio::test]
async fn an_answer_to_a_failure_has_stages_too() {
    let (listener, target) = listen().await;
    drop(listener);
    let proxy = ProxyService::new(target, client::<Empty<Bytes>>());
    let answer = CatchErrorLayer::new().layer(proxy.clone()).oneshot(get()).await.unwrap();
    let upstream = answer.extensions().get::<Upstream>().unwrap();
    let stages = upstream.stages();
    assert!(stages.connect().is_some() && stages.sent().is_none() && stages.head().is_none(), "{stages:?}");
    assert_eq!(answer.extensions().get(), Some(&ErrorKind::ConnectionRefused));

    let failures = proxy.failures();
    assert_eq!(failures.by_kind().collect::<Vec<_>>(), [(ErrorKind::ConnectionRefused, 1)]);
    let last = failures.last().unwrap();
    assert_eq!(
        (last.kind, last.request_id.as_ref().unwrap().as_bytes()),
        (ErrorKind::ConnectionRefused, &b"7"[..])
    );
    assert!(last.at.elapsed().unwrap() < SECOND * 60);
}

#[tokio::test(start_paused = true)]
async fn failures_after_the_request_was_sent_are_counted_by_their_kinds() {
    let (listener, target) = listen().await;
    let timeouts = Timeouts { response_head: SECOND, ..Timeouts::default() };
    let proxy = ProxyLayer::new(target).timeouts(timeouts).layer(client::<Empty<Bytes>>());
    let upstream = async {
        let (mut silent, _) = listener.accept().await.unwrap();
        read_head(&mut silent).await;
        for answer in ["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nx", "gibberish\r\n\r\n"] {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_head(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        silent
    };
    let ask = async {
        let timed_out = proxy.clone().oneshot(get()).await.unwrap_err();
        let stages = *timed_out.error().upstream().unwrap().stages();
        assert!(stages.sent().is_some() && stages.head().is_none(), "{stages:?}");
        let cut = proxy.clone().oneshot(get()).await.unwrap();
        assert!(cut.into_body().collect().await.is_err());
        assert!(proxy.clone().oneshot(get()).await.is_err());
    };
    tokio::join!(upstream, ask);
    let kinds: Vec<_> = proxy.failures().by_kind().collect();
    let expected =
        [ErrorKind::HttpResponseIncomplete, ErrorKind::HttpResponseTimeout, ErrorKind::HttpProtocolError];
    assert_eq!(kinds, expected.map(|kind| (kind, 1)));
    assert_eq!(proxy.failures().last().unwrap().kind, ErrorKind::HttpProtocolError);
}

#[tokio::test]
async fn another_client_has_a_beginning_and_a_head() {
    let other = service_fn(|_: Request<RequestBody<Empty<Bytes>>>| {
        ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
    });
    let target: Target = "http://upstream.example".parse().unwrap();
    let answer = ProxyService::new(target, other).oneshot(get()).await.unwrap();
    let stages = *answer.extensions().get::<Upstream>().unwrap().stages();
    assert!(stages.head().is_some() && stages.sent().is_none() && stages.connect().is_none(), "{stages:?}");
}
