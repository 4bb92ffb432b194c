//! HTTP/1.0, HTTP/1.1 and HTTP/2 on one port.

use gateway::serve::Limits;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::limits::assert_status;
use super::support::*;

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let served = start(Limits::default()).await;
    let answers = served.exchange([get("/1"), get("/2"), get("/3"), get_and_close("/4")].concat()).await;
    let bodies: Vec<_> = answers.split("\r\n\r\n").skip(1).map(|rest| &rest[..2]).collect();
    assert_eq!(bodies, ["/1", "/2", "/3", "/4"]);
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 4);
}

#[tokio::test]
async fn http_1_0_closes_unless_asked_not_to() {
    let served = start(Limits::default()).await;
    assert_status(200, &served.exchange("GET /a HTTP/1.0\r\n\r\n").await);
    let mut client = served.connect().await;
    for _ in 0..2 {
        let answer =
            ask(&mut client, "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "\r\n\r\n/a").await;
        assert!(answer.contains("connection: keep-alive"), "{answer}");
    }
}

#[tokio::test]
async fn http2_with_prior_knowledge() {
    let served = start(Limits::default()).await;
    let io = TokioIo::new(served.connect().await);
    let (mut requests, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let upload = Bytes::from(vec![b'x'; 3 << 20]);
    let request = http::Request::post(format!("http://{}/echo", served.address))
        .body(Full::new(upload.clone()))
        .unwrap();
    let answer = within_patience(requests.send_request(request)).await.unwrap();
    assert_eq!(answer.version(), http::Version::HTTP_2);
    assert!(answer.headers().contains_key("date"));
    assert_eq!(within_patience(answer.into_body().collect()).await.unwrap().to_bytes(), upload);
}

#[tokio::test]
async fn a_preface_may_come_in_pieces() {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const EMPTY_SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    let served = start(Limits::default()).await;
    let mut client = served.connect().await;
    client.set_nodelay(true).unwrap();
    for byte in PREFACE {
        client.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    client.write_all(EMPTY_SETTINGS).await.unwrap();
    let mut frame_head = [0; 9];
    within_patience(client.read_exact(&mut frame_head)).await.unwrap();
    assert_eq!(frame_head[3], 4, "SETTINGS");
}

#[tokio::test]
async fn what_only_begins_like_a_preface_is_http1() {
    let served = start(Limits::default()).await;
    let mut client = served.connect().await;
    client.set_nodelay(true).unwrap();
    client.write_all(b"P").await.unwrap();
    tokio::task::yield_now().await;
    let body = "OST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    ask(&mut client, body, "hello").await;
    assert_status(505, &served.exchange("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n").await);
}

#[tokio::test]
async fn an_upgraded_connection_is_no_longer_http_and_still_counts() {
    let limits = Limits { connections: 1, write_stall: millis(100), ..Limits::default() };
    let served = start(limits).await;
    let mut tunnel = served.connect().await;
    let upgrade = "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nearly";
    let switched = ask(&mut tunnel, upgrade, "early").await;
    assert_status(101, &switched);
    happened(&served.app.accepted, 1).await;
    let mut next = served.connect().await;
    next.write_all(get_and_close("/a").as_bytes()).await.unwrap();

    // The echo is not read until long after an HTTP peer would have been given up.
    let (mut reader, mut writer) = tunnel.split();
    let flood = vec![b'x'; 16 << 20];
    let sent = async {
        writer.write_all(&flood).await.unwrap();
        // In HTTP, a client that half-closes counts as gone. In a tunnel it is allowed.
        writer.shutdown().await.unwrap();
    };
    let received = async {
        tokio::time::sleep(millis(500)).await;
        assert_eq!(
            served.app.accepted.available_permits(),
            0,
            "the tunnel is the one connection there may be"
        );
        let mut echoed = Vec::new();
        reader.read_to_end(&mut echoed).await.unwrap();
        echoed.len()
    };
    let ((), echoed) = within_patience(async { tokio::join!(sent, received) }).await;
    assert_eq!(echoed, flood.len());

    assert_status(200, &read_to_end(&mut next).await);
}

#[tokio::test]
async fn the_service_knows_its_peer() {
    let served = start(Limits::default()).await;
    let mut client = served.connect().await;
    let peer = client.local_addr().unwrap().to_string();
    ask(&mut client, &get("/peer"), &peer).await;
}

#[tokio::test]
async fn ipv6() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        eprintln!("SKIPPED: this machine has no ::1");
        return;
    }
    for address in ["[::1]:0", "[::]:0"] {
        let served = start_at(address, Limits::default()).await;
        let mut client = tokio::net::TcpStream::connect(("::1", served.address.port())).await.unwrap();
        assert!(ask(&mut client, &get("/peer"), "]:").await.ends_with("[::1]:"));
    }
}

/// A client that vanished in the middle of a long request sends no FIN: the kernel has to ask for it.
#[tokio::test]
async fn a_client_that_vanished_is_asked_for() {
    let listener = gateway::serve::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let _client = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (accepted, _) = listener.accept().await.unwrap();
    let socket = socket2::SockRef::from(&accepted);
    assert!(socket.keepalive().unwrap());
    assert_eq!(socket.tcp_keepalive_time().unwrap(), std::time::Duration::from_secs(60));
    assert_eq!(socket.tcp_keepalive_interval().unwrap(), std::time::Duration::from_secs(15));
}
