use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::Response as Answer;
use axum::routing::get;
use hyper::upgrade::Upgraded;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex, split};
use tower::ServiceExt as _;

use super::*;

/// The time limit for everything here. A test that hangs fails after it.
const PATIENCE: Duration = Duration::from_secs(10);

async fn within_patience<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("hangs")
}

/// The service's end and the client's end of a connection that has switched.
async fn switched(leftover: &'static [u8]) -> (TokioIo<Upgraded>, DuplexStream) {
    let (stream, client) = duplex(1024);
    let (on_upgrade, switch) = offer();
    switch.complete(stream, Bytes::from_static(leftover));
    (TokioIo::new(within_patience(on_upgrade).await.unwrap()), client)
}

async fn read(stream: &mut (impl AsyncRead + Unpin), length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    within_patience(stream.read_exact(&mut bytes)).await.unwrap();
    bytes
}

async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut bytes = Vec::new();
    within_patience(stream.read_to_end(&mut bytes)).await.unwrap();
    bytes
}

#[tokio::test]
async fn bytes_pass_both_ways_and_none_of_the_handshake_does() {
    let (mut service, mut client) = switched(b"").await;
    client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert_eq!(read(&mut service, 18).await, b"GET / HTTP/1.1\r\n\r\n");
    service.write_all(b"HTTP/1.1 101 no\r\n\r\n").await.unwrap();
    drop(service);
    assert_eq!(rest(&mut client).await, b"HTTP/1.1 101 no\r\n\r\n");
}

#[tokio::test]
async fn what_was_received_before_the_switch_comes_first() {
    let (mut service, mut client) = switched(b"early ").await;
    client.write_all(b"and late").await.unwrap();
    assert_eq!(read(&mut service, 2).await, b"ea", "also in pieces");
    drop(client);
    assert_eq!(rest(&mut service).await, b"rly and late");
}

#[tokio::test]
async fn the_service_waits_for_the_switch() {
    let (on_upgrade, switch) = offer();
    let waiting = tokio::spawn(on_upgrade);
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    let (stream, _client) = duplex(1);
    switch.complete(stream, Bytes::new());
    within_patience(waiting).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_refused_upgrade_is_an_error() {
    let (on_upgrade, switch) = offer::<DuplexStream>();
    drop(switch);
    let error = within_patience(on_upgrade).await.unwrap_err();
    assert!(error.is_canceled(), "{error:?}");
}

#[tokio::test]
async fn if_the_service_is_gone_the_connection_is_closed() {
    let (stream, mut client) = duplex(1024);
    let (on_upgrade, switch) = offer();
    drop(on_upgrade);
    switch.complete(stream, Bytes::from_static(b"nobody reads this"));
    assert_eq!(rest(&mut client).await, b"");
}

#[tokio::test]
async fn each_direction_ends_on_its_own() {
    let (mut service, mut client) = switched(b"").await;
    client.shutdown().await.unwrap();
    assert_eq!(rest(&mut service).await, b"");
    service.write_all(b"still here").await.unwrap();
    service.shutdown().await.unwrap();
    assert_eq!(rest(&mut client).await, b"still here");
}

#[tokio::test]
async fn it_completes_in_a_task_that_has_used_up_its_budget() {
    let (on_upgrade, switch) = offer();
    let (stream, _client) = duplex(1);
    let mut switching = Some((switch, stream));
    std::future::poll_fn(|cx| {
        while tokio::task::coop::has_budget_remaining() {
            let _ = std::pin::pin!(tokio::task::coop::consume_budget()).poll(cx);
        }
        let (switch, stream) = switching.take().unwrap();
        switch.complete(stream, Bytes::new());
        Poll::Ready(())
    })
    .await;
    within_patience(on_upgrade).await.unwrap();
}

/// Takes several buffers at once, and joins them with bars so that a test can tell.
struct Joining(DuplexStream);

impl AsyncRead for Joining {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Joining {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let joined = bufs.iter().map(|buf| &**buf).collect::<Vec<_>>().join(&b'|');
        Pin::new(&mut self.0).poll_write(cx, &joined)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn several_buffers_are_written_at_once() {
    let (stream, mut client) = duplex(1024);
    let (on_upgrade, switch) = offer();
    switch.complete(Joining(stream), Bytes::new());
    let mut service = TokioIo::new(within_patience(on_upgrade).await.unwrap());
    assert!(service.is_write_vectored());
    let written = service.write_vectored(&[IoSlice::new(b"one"), IoSlice::new(b"two")]).await.unwrap();
    assert_eq!(written, 7);
    drop(service);
    assert_eq!(rest(&mut client).await, b"one|two");
}

#[tokio::test]
async fn axum_takes_it_for_a_websocket() {
    let echo = |upgrade: WebSocketUpgrade| async {
        upgrade.on_upgrade(async |mut socket| {
            while let Some(Ok(message)) = socket.recv().await {
                socket.send(message).await.unwrap();
            }
        })
    };
    let (on_upgrade, switch) = offer();
    let request = Request::get("/")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .extension(on_upgrade);
    let app = Router::new().route("/", get(echo));
    let answer: Answer = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 101);

    let (stream, client) = duplex(1024);
    // A text of two bytes, masked with zeros, the first part of which comes with the request.
    switch.complete(stream, Bytes::from_static(&[0x81, 0x82, 0, 0, 0]));
    let (mut answers, mut client) = split(client);
    client.write_all(&[0, b'h', b'i']).await.unwrap();
    assert_eq!(read(&mut answers, 4).await, [0x81, 0x02, b'h', b'i']);
}
