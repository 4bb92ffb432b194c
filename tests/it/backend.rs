//! The demo upstream over real sockets: what can only be seen on the wire.

use std::net::SocketAddr;

use crate::support::body::BodyEnd;
use crate::support::h2::H2Client;
use crate::support::raw::RawClient;
use crate::support::syntax::Framing;
use crate::support::ws::{self, Message};
use gateway::backend;
use tokio::net::TcpListener;

async fn backend() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, backend::router(addr.port())).await });
    addr
}

#[tokio::test]
async fn hello_repeats_the_bytes_of_the_request() {
    let addr = backend().await;
    let mut client = RawClient::connect(addr).await;
    client
        .send("PUT //a%2Fb;c/..?x=%zz HTTP/1.1\r\nHost: h\r\nX-A: \u{e9}\r\nContent-Length: 2\r\n\r\nhi")
        .await;
    let response = client.response().await;
    assert!(matches!(response.body.framing, Framing::Length(_)));
    assert_eq!(
        response.text(),
        format!(
            "hello from upstream {}\n\nmethod: PUT\npath: //a%2Fb;c/..?x=%zz\nversion: HTTP/1.1\n\n\
             host: h\nx-a: \u{c3}\u{a9}\ncontent-length: 2\n\nhi",
            addr.port()
        )
    );
    assert_eq!(client.get("/again").await.status(), 200);
}

#[tokio::test]
async fn hello_answers_the_odd_targets_too() {
    let mut client = RawClient::connect(backend().await).await;
    client.send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(client.response().await.text().contains("method: OPTIONS\npath: *\n"));
    client.send("GET http://other/x HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(client.response().await.text().contains("authority: other\npath: /x\n"));
}

#[tokio::test]
async fn head_has_no_body_and_keeps_the_connection_in_step() {
    let mut client = RawClient::connect(backend().await).await;
    for (path, length) in
        [("/bytes/123456789", Some("123456789")), ("/sse", None), ("/status/503", Some("24"))]
    {
        client.send(format!("HEAD {path} HTTP/1.1\r\nHost: h\r\n\r\n")).await;
        let head = client.response_to("HEAD").await;
        assert_eq!(head.header("content-length"), length, "{path}");
        assert!(client.get("/bytes/3").await.text() == "\0\u{1}\u{2}", "{path}");
    }
}

#[tokio::test]
async fn statuses_without_content_have_none() {
    let mut client = RawClient::connect(backend().await).await;
    for status in [204, 304, 205] {
        let response = client.get(&format!("/status/{status}")).await;
        assert_eq!((response.status(), response.text()), (status, String::new()));
    }
    assert_eq!(client.get("/status/502").await.text(), "502 Bad Gateway\n");
}

#[tokio::test]
async fn bytes_stream_with_their_length() {
    let response = RawClient::connect(backend().await).await.get("/bytes/10000000").await;
    assert_eq!((response.body.framing, response.body.end), (Framing::Length(10_000_000), BodyEnd::Complete));
    assert!(response.body.bytes.iter().enumerate().all(|(i, byte)| i % 251 == usize::from(*byte)));
}

#[tokio::test]
async fn the_first_event_comes_at_once() {
    let addr = backend().await;
    let mut client = RawClient::connect(addr).await;
    client.send("GET /sse HTTP/1.1\r\nHost: h\r\n\r\n").await;
    let mut response = client.response_head("GET").await;
    assert_eq!(response.body.framing, Framing::Chunked);
    client.until(&mut response, &format!("id: 0\ndata: event 0 from upstream {}\n\n", addr.port())).await;
    client.until(&mut response, "id: 1\n").await;
    assert_eq!(response.body.end, BodyEnd::Open);
}

#[tokio::test]
async fn echo_answers_while_the_body_is_still_coming_and_keeps_its_trailers() {
    let mut client = RawClient::connect(backend().await).await;
    client
        .send(
            "POST /echo HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n\
             3\r\none\r\n",
        )
        .await;
    let mut response = client.response_head("POST").await;
    client.until(&mut response, "one").await;
    client.send("3\r\ntwo\r\n0\r\nX-Sum: 6\r\n\r\n").await;
    while client.piece(&mut response).await.is_some() {}
    assert_eq!(response.text(), "onetwo");
    assert_eq!(response.body.trailers.one("x-sum"), Some("6"));

    client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc").await;
    assert_eq!(client.response().await.body.framing, Framing::Length(3));
}

#[tokio::test]
async fn a_cut_upload_is_a_cut_answer() {
    for path in ["/echo", "/hello"] {
        let mut client = RawClient::connect(backend().await).await;
        client
            .send(format!(
                "POST {path} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n"
            ))
            .await;
        let mut response = client.response_head("POST").await;
        client.until(&mut response, "one").await;
        client.send("nonsense\r\n").await;
        while client.piece(&mut response).await.is_some() {}
        assert_ne!(response.body.end, BodyEnd::Complete, "{path}");
    }
}

#[tokio::test]
async fn a_websocket_is_echoed_message_by_message() {
    let talk = |socket: &mut ws::Socket| {
        for message in [Message::text("hi"), Message::binary(vec![0; 100_000]), Message::text("")] {
            socket.send(message.clone()).unwrap();
            assert_eq!(socket.read().unwrap(), message);
        }
        socket.send(Message::Ping("p".into())).unwrap();
        assert_eq!(socket.read().unwrap(), Message::Pong("p".into()));
        socket.close(None).unwrap();
        assert_eq!(socket.read().unwrap(), Message::Close(None));
    };
    ws::session(backend().await, "/echo", talk).await.unwrap();
}

#[tokio::test]
async fn a_websocket_is_refused_elsewhere() {
    let refused = ws::session(backend().await, "/status/403", |_| ()).await.unwrap_err();
    assert_eq!(refused.status(), 403);
}

#[tokio::test]
async fn http_2_is_answered_too() {
    let mut client = H2Client::connect(backend().await).await;
    let answer = String::from_utf8(client.get("/x").await.body).unwrap();
    assert!(answer.contains("method: GET\nauthority: test\npath: /x\nversion: HTTP/2.0\n"), "{answer}");
}
