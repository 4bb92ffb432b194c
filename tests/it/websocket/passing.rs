//! Every byte that goes through a tunnel arrives, in both directions.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;

use super::{ByHand, SWITCHED, upgrade_to};
use crate::support::pattern::{Pattern, skip_head};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::sole::{Sole, demo_backend};
use crate::support::ws::{self, Message};

#[tokio::test]
async fn a_websocket_client_talks_to_the_demo_upstream() {
    let gateway = Sole::new(demo_backend()).start();
    let talk = |socket: &mut ws::Socket| {
        let sent = [Message::text("hello"), Message::binary(vec![7; 100_000]), Message::text("")];
        for message in sent {
            socket.send(message.clone()).unwrap();
            assert_eq!(socket.read().unwrap(), message);
        }
        socket.close(None).unwrap();
        // The close frame of the peer, and then nothing: an orderly end.
        assert!(socket.read().unwrap().is_close());
        assert!(socket.read().is_err());
    };
    ws::session(gateway.addr, "/echo", talk).await.unwrap();
}

#[tokio::test]
async fn several_websockets_at_once_do_not_mix() {
    let gateway = Sole::new(demo_backend()).start();
    let addr = gateway.addr;
    let sessions: Vec<_> = (0..30)
        .map(|number| {
            tokio::spawn(ws::session(addr, "/echo", move |socket| {
                for round in 0..20 {
                    let message = Message::text(format!("{number}/{round}"));
                    socket.send(message.clone()).unwrap();
                    assert_eq!(socket.read().unwrap(), message);
                }
            }))
        })
        .collect();
    for session in sessions {
        session.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_gated_websocket_needs_the_token() {
    let gateway = Sole::new(demo_backend()).start();
    let request = |token: Option<&str>| {
        let mut request = ws::Request::get(format!("ws://{}/gated/echo", gateway.addr))
            .header("Host", "test")
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Version", "13")
            .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        if let Some(token) = token {
            request = request.header("X-Admin-Token", token);
        }
        request.body(()).unwrap()
    };
    let refused = ws::session_with(gateway.addr, request(None), |_| ()).await.unwrap_err();
    assert_eq!(refused.status(), 401);
    let echo = |socket: &mut ws::Socket| {
        socket.send(Message::text("in")).unwrap();
        socket.read().unwrap()
    };
    assert_eq!(
        ws::session_with(gateway.addr, request(Some("letmein")), echo).await.unwrap(),
        Message::text("in")
    );
}

/// The first bytes of the upstream come in the same segment as its 101, those of the client right behind its request.
#[tokio::test]
async fn bytes_that_come_with_the_handshake_are_not_lost() {
    let upstream = RecordingUpstream::start(|_| Script::upgrade("websocket", b"first")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(upgrade_to("websocket", "/ws") + "GET /early HTTP/1.1\r\n\r\n").await;
    let response = client.response_head("GET").await;
    assert_eq!(response.status(), 101);
    assert_eq!(response.header("upgrade"), Some("websocket"));
    assert!(response.headers().lists("connection", "upgrade"));
    assert!(!response.headers().has("transfer-encoding") && !response.headers().has("content-length"));
    client.send("late").await;
    let all = "firstGET /early HTTP/1.1\r\n\r\nlate";
    assert_eq!(
        client.bytes(all.len()).await.escape_ascii().to_string(),
        all.as_bytes().escape_ascii().to_string()
    );
    client.finish().await;
    assert_eq!(client.rest().await.0, b"");
    let connection = upstream.next_closed().await;
    assert_eq!((connection.requests, connection.tunnelled.as_slice()), (1, &all.as_bytes()["first".len()..]));
}

/// Nothing that the client sent behind its request may reach the upstream before its 101 (CVE-2026-2833).
#[tokio::test]
async fn nothing_is_tunnelled_before_the_101() {
    let by_hand = ByHand::listen().await;
    let gateway = Sole::new(by_hand.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(upgrade_to("websocket", "/ws") + "early").await;
    let mut upstream = by_hand.accept().await;
    let head = super::read_head(&mut upstream).await.to_ascii_lowercase();
    assert!(
        head.contains("\r\nconnection: upgrade\r\n") && head.contains("\r\nupgrade: websocket\r\n"),
        "{head}"
    );
    // A complete answer that doesn't switch protocols. If anything were tunnelled, it would come before the gateway
    // closes the connection.
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno").await;
    assert_eq!(client.response().await.text(), "no");
    assert_eq!(upstream.rest().await.0, b"");
}

/// 64 MiB in each direction at once, both sides reading and writing at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn much_goes_both_ways_at_once() {
    const SIZE: usize = 64 << 20;
    let by_hand = ByHand::listen().await;
    let gateway = Sole::new(by_hand.addr()).start();
    let mut client = TcpStream::connect(gateway.addr).await.unwrap();
    client.write_all(upgrade_to("websocket", "/ws").as_bytes()).await.unwrap();
    let (mut upstream, _) = by_hand.0.accept().await.unwrap();
    skip_head(&mut upstream).await;
    upstream.write_all(SWITCHED.as_bytes()).await.unwrap();
    skip_head(&mut client).await;

    let (up, down) = (Pattern::new(251), Pattern::new(241));
    let (mut client_reads, client_writes) = client.into_split();
    let (mut upstream_reads, upstream_writes) = upstream.into_split();
    let began = std::time::Instant::now();
    let everything = async {
        let ends = [
            tokio::spawn(send(up.clone(), client_writes, SIZE)),
            tokio::spawn(send(down.clone(), upstream_writes, SIZE)),
            tokio::spawn(async move { up.expect(&mut upstream_reads, SIZE).await }),
            tokio::spawn(async move { down.expect(&mut client_reads, SIZE).await }),
        ];
        for end in ends {
            end.await.unwrap();
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), everything).await.unwrap();
    println!("64 MiB each way in {:?}", began.elapsed());
}

async fn send(pattern: Pattern, mut to: OwnedWriteHalf, size: usize) {
    pattern.write(&mut to, size).await;
    to.shutdown().await.unwrap();
}
