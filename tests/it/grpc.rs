//! gRPC through the gateway to an HTTP/2 upstream: which side sends what, and when.

use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::within;
use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, HeaderValue, Request, Response};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

type Call = (Request<RecvStream>, SendResponse<Bytes>);

/// The gateway in front of an upstream that leaves every answer to the test.
struct Peers {
    gateway: TestGateway,
    calls: mpsc::UnboundedReceiver<Call>,
}

impl Peers {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = listener.local_addr().unwrap();
        let (called, calls) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let called = called.clone();
                tokio::spawn(async move {
                    let mut streams = h2::server::handshake(stream).await.unwrap();
                    while let Some(Ok(call)) = streams.accept().await {
                        let _the_test_may_be_over = called.send(call);
                    }
                });
            }
        });
        let gateway = TestGateway::start(&format!(
            "[pools.grpc]\nupstreams = [\"http://{upstream}\"]\nprotocol = \"http2\"\n[routes.\"/\"]\npool = \"grpc\"\n"
        ));
        Self { gateway, calls }
    }

    /// A call that both sides have begun.
    async fn call(&mut self) -> (h2::client::ResponseFuture, SendStream<Bytes>, Call) {
        let (mut client, _connection) = crate::support::h2::raw(self.gateway.addr).await;
        let request = Request::post("http://test/test.Peer/Call")
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("grpc-timeout", "5S")
            .body(())
            .unwrap();
        let (answer, sending) = client.send_request(request, false).unwrap();
        let call = within("the call", self.calls.recv()).await.unwrap();
        assert_eq!(call.0.uri().path(), "/test.Peer/Call");
        for (name, value) in
            [("te", "trailers"), ("grpc-timeout", "5S"), ("content-type", "application/grpc")]
        {
            assert_eq!(call.0.headers()[name], value);
        }
        (answer, sending, call)
    }
}

async fn data(body: &mut RecvStream) -> Bytes {
    within("data", body.data()).await.unwrap().unwrap()
}

fn status(code: &'static str) -> HeaderMap {
    HeaderMap::from_iter([("grpc-status".parse().unwrap(), HeaderValue::from_static(code))])
}

#[tokio::test]
async fn each_side_speaks_when_the_other_has() {
    let mut peers = Peers::start().await;
    let (answer, mut sending, (mut request, mut respond)) = peers.call().await;
    let mut answering = respond.send_response(Response::new(()), false).unwrap();
    let mut received = within("the head", answer).await.unwrap().into_body();
    for _ in 0..10 {
        sending.send_data("ping".into(), false).unwrap();
        assert_eq!(data(request.body_mut()).await, "ping");
        answering.send_data("pong".into(), false).unwrap();
        assert_eq!(data(&mut received).await, "pong");
    }
    sending.send_data(Bytes::new(), true).unwrap();
    assert!(
        within("the upload's end", request.body_mut().data()).await.is_none_or(|end| end.unwrap().is_empty())
    );
    answering.send_trailers(status("0")).unwrap();
    assert!(within("the end", received.data()).await.is_none());
    let trailers = within("the trailers", received.trailers()).await.unwrap().unwrap();
    assert_eq!(trailers["grpc-status"], "0");
}

#[tokio::test]
async fn a_client_that_leaves_is_gone_upstream_too() {
    let mut peers = Peers::start().await;
    let (answer, mut sending, (_request, mut respond)) = peers.call().await;
    let mut answering = respond.send_response(Response::new(()), false).unwrap();
    let received = within("the head", answer).await.unwrap();
    sending.send_reset(Reason::CANCEL);
    let reset = within("a reset", std::future::poll_fn(|cx| answering.poll_reset(cx))).await.unwrap();
    assert_eq!(reset, Reason::CANCEL);
    drop(received);
}

#[tokio::test]
async fn a_client_that_leaves_before_the_head_is_gone_upstream_too() {
    let mut peers = Peers::start().await;
    let (_answer, mut sending, (_request, mut respond)) = peers.call().await;
    sending.send_reset(Reason::CANCEL);
    let reset = within("a reset", std::future::poll_fn(|cx| respond.poll_reset(cx))).await.unwrap();
    assert_eq!(reset, Reason::CANCEL);
}

#[tokio::test]
async fn an_answer_of_trailers_alone_passes() {
    let mut peers = Peers::start().await;
    let (answer, _sending, (_request, mut respond)) = peers.call().await;
    let refusal =
        Response::builder().header("grpc-status", "12").header("grpc-message", "no").body(()).unwrap();
    respond.send_response(refusal, true).unwrap();
    let answer = within("the head", answer).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["grpc-status"]),
        (200, &HeaderValue::from_static("12"))
    );
    assert!(answer.body().is_end_stream());
    assert!(!answer.headers().contains_key("content-length"), "the upstream didn't say it: {answer:?}");
}

#[tokio::test]
async fn an_empty_answer_keeps_the_length_that_it_came_with() {
    let mut peers = Peers::start().await;
    let (answer, _sending, (_request, mut respond)) = peers.call().await;
    respond.send_response(Response::builder().header("content-length", "0").body(()).unwrap(), true).unwrap();
    let answer = within("the head", answer).await.unwrap();
    assert_eq!(answer.headers()["content-length"], "0");
    assert!(answer.body().is_end_stream());
}

/// HTTP/2 may leave out the length of an empty answer, HTTP/1.1 may not.
#[tokio::test]
async fn an_empty_answer_has_a_length_in_http1() {
    let mut peers = Peers::start().await;
    let mut client = RawClient::connect(peers.gateway.addr).await;
    client.send("GET /x HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let (_request, mut respond) = within("the call", peers.calls.recv()).await.unwrap();
    respond.send_response(Response::new(()), true).unwrap();
    let answer = client.response().await;
    assert_eq!((answer.status(), answer.header("content-length")), (200, Some("0")));
}

#[tokio::test]
async fn an_upstream_that_breaks_off_breaks_the_answer_off() {
    let mut peers = Peers::start().await;
    let (answer, _sending, (_request, mut respond)) = peers.call().await;
    let mut answering = respond.send_response(Response::new(()), false).unwrap();
    answering.send_data("begun".into(), false).unwrap();
    let mut received = within("the head", answer).await.unwrap().into_body();
    assert_eq!(data(&mut received).await, "begun");
    answering.send_reset(Reason::INTERNAL_ERROR);
    assert!(within("the reset", received.data()).await.unwrap().unwrap_err().is_reset());
}

/// HTTP/2 has no such upgrade, and the endpoint is not to blame for that.
#[tokio::test]
async fn an_upgrade_is_not_implemented() {
    let peers = Peers::start().await;
    let mut client = RawClient::connect(peers.gateway.addr).await;
    client
        .send(
            "GET /chat HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        .await;
    let refused = client.response().await;
    assert_eq!(
        (refused.status(), refused.header("proxy-status")),
        (501, Some("gateway; error=http_upgrade_failed"))
    );
}

/// Metadata that is larger than HTTP/1 may have: that call fails, and no other.
#[tokio::test]
async fn oversized_metadata_ends_its_own_call_alone() {
    let mut peers = Peers::start().await;
    let (other, _sending, (_, mut others)) = peers.call().await;
    let (answer, _sending, (_, mut respond)) = peers.call().await;
    let mut oversized = Response::new(());
    for number in 0..200 {
        let name: http::HeaderName = format!("x-metadata-{number}").parse().unwrap();
        oversized.headers_mut().append(name, "v".repeat(1000).parse().unwrap());
    }
    respond.send_response(oversized, false).unwrap();
    let failed = within("the failure", answer).await.unwrap();
    assert_eq!(failed.headers()["grpc-status"], "13", "INTERNAL");
    let mut answering = others.send_response(Response::new(()), false).unwrap();
    answering.send_trailers(status("0")).unwrap();
    let mut answer = within("the head", other).await.unwrap().into_body();
    assert!(answer.data().await.is_none());
    assert_eq!(within("the end", answer.trailers()).await.unwrap(), Some(status("0")));
}

/// A connection on which nothing moves is closed if the peer does not answer a PING.
#[tokio::test]
async fn a_silent_upstream_is_pinged_as_often_as_the_pool_says() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    const PING: u8 = 6;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = listener.local_addr().unwrap();
    let gateway = TestGateway::start(&format!(
        "[pools.grpc]\nupstreams = [\"http://{upstream}\"]\nprotocol = \"http2\"\nconnections.ping = \"50ms\"\n\
         [routes.\"/\"]\npool = \"grpc\"\n"
    ));
    let (mut client, _connection) = crate::support::h2::raw(gateway.addr).await;
    let request = Request::post("http://test/").body(()).unwrap();
    let (_answer, _sending) = client.send_request(request, false).unwrap();
    let (mut stream, _) = within("a connection", listener.accept()).await.unwrap();
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
    within("the preface", stream.read_exact(&mut [0; 24])).await.unwrap();
    let mut head = [0; 9];
    while head[3] != PING {
        within("a ping", stream.read_exact(&mut head)).await.unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        within("a payload", stream.read_exact(&mut vec![0; length as usize])).await.unwrap();
    }
}
