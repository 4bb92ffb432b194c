//! How a connection ends: neither side takes what was cut off for complete.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::support::{Authority, Edge, ONE, one};
use crate::support::body::BodyEnd;
use crate::support::recorder::{Answer, Script, Step};
use crate::support::within;

const LAST: &[u8] = b"GET /api/x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";

/// rustls reports an end without a `close_notify` as an error.
#[tokio::test]
async fn the_gateway_says_that_it_closes() {
    let (authority, edge) = one().await;
    let mut connection = authority.client().connect(edge.addr, "a.example").await.unwrap();
    connection.0.write_all(LAST).await.unwrap();
    let answer = String::from_utf8(connection.rest().await.unwrap()).unwrap();
    assert!(answer.ends_with("\r\n\r\nhello"), "{answer}");
}

#[tokio::test]
async fn an_idle_connection_is_closed_in_order_by_the_shutdown() {
    let (authority, edge) = one().await;
    let mut connection = authority.client().connect(edge.addr, "a.example").await.unwrap();
    connection.get(&[]).await;
    edge.shutdown.begin();
    let _closed = connection.rest().await;
    let report = edge.ended().await;
    assert_eq!((report.drained, report.aborted), (1, 0));
}

/// The end of the TCP connection isn't the end of the client's words: anybody on the way can send a FIN.
#[tokio::test]
async fn an_upload_that_is_cut_off_is_not_complete() {
    let (authority, edge) = one().await;
    for head in ["Content-Length: 10", "Transfer-Encoding: chunked"] {
        let mut connection = authority.client().connect(edge.addr, "a.example").await.unwrap();
        let request = format!("POST /api/x HTTP/1.1\r\nHost: a.example\r\n{head}\r\n\r\n3\r\nabc\r\n");
        connection.0.write_all(request.as_bytes()).await.unwrap();
        let heads = edge.upstream.requests().len();
        edge.upstream.wait_for_heads(heads.max(1)).await;
        let (socket, _) = connection.0.into_inner();
        drop(socket);
    }
    let ended = edge.upstream.wait_for(2).await;
    assert!(ended.iter().all(|request| request.body.end != BodyEnd::Complete), "{ended:#?}");
}

/// HTTP/1.0 has no other end of a body than that of the connection.
#[tokio::test]
async fn a_response_that_is_cut_off_is_not_complete() {
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    let script = |_: &_| {
        Script(vec![
            Step::Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n".into()),
            Step::Reset,
        ])
    };
    let edge = Edge::start_script(&authority, ONE, "", "", script).await;
    let mut connection = authority.client().connect(edge.addr, "a.example").await.unwrap();
    connection.0.write_all(b"GET /api/x HTTP/1.0\r\nHost: a.example\r\n\r\n").await.unwrap();
    connection.rest().await.expect_err("it isn't complete");
}

#[tokio::test]
async fn a_large_response_comes_whole() {
    const SIZE: usize = 3 << 20;
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    let script = |_: &_| Script::answer(Answer::new(200).body(vec![b'x'; SIZE]));
    let edge = Edge::start_script(&authority, ONE, "", "", script).await;
    let mut connection = authority.client().connect(edge.addr, "a.example").await.unwrap();
    connection.0.write_all(LAST).await.unwrap();
    let answer = connection.rest().await.unwrap();
    assert!(answer.ends_with(&[b'x'; SIZE]), "{} bytes", answer.len());
}

#[tokio::test]
async fn a_websocket_goes_through() {
    let authority = Authority::new();
    authority.issue("a", &["a.example"]);
    let edge =
        Edge::start_script(&authority, ONE, "", "", |_| Script::upgrade("websocket", b"from above")).await;
    let mut connection = authority.client().connect(edge.addr, "a.example").await.unwrap();
    let request =
        "GET /api/x HTTP/1.1\r\nHost: a.example\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    connection.0.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    while !received.ends_with(b"from above") {
        assert!(within("the tunnel", connection.0.read_buf(&mut received)).await.unwrap() > 0);
    }
}
