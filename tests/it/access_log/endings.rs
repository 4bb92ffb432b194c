//! When a line is written: once, when the body ends, whichever side ends it.

use std::sync::Arc;

use tokio::sync::Notify;

use super::logged::Logged;
use crate::support::h2::{self, H2Client};
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, Script, Step};
use crate::support::within;

const BEGINNING: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";

/// Begins a body. `/ends` goes on when told, `/breaks` closes the connection then, and all others wait for the peer to
/// end it.
async fn begun_bodies() -> (Logged, Arc<Notify>) {
    let told = Arc::new(Notify::new());
    let signal = told.clone();
    let logged = Logged::start(&[], "", move |request| match request.target.as_str() {
        "/silent" => Script::silence(),
        "/ends" => Script::raw(BEGINNING)
            .then(Step::AwaitSignal(signal.clone()))
            .then(Step::Send("2\r\nde\r\n0\r\n\r\n".into())),
        "/breaks" => Script::raw(BEGINNING).then(Step::AwaitSignal(signal.clone())).then(Step::Close),
        "/goes-on" => Script::raw(BEGINNING).then(Step::AwaitClose),
        _ => Script::answer(Answer::new(200)),
    })
    .await;
    (logged, told)
}

fn request(path: &str, id: &str) -> String {
    format!("GET /api{path} HTTP/1.1\r\nHost: test\r\nX-Request-Id: {id}\r\n\r\n")
}

async fn lines_with(logged: &Logged, id: &str) -> Vec<String> {
    logged.lines().await.into_iter().filter(|line| line.contains(id)).collect()
}

#[tokio::test]
async fn not_before_the_body_ends() {
    let (logged, told) = begun_bodies().await;
    let mut client = RawClient::connect(logged.addr).await;
    client.send(request("/ends", "this-one")).await;
    let mut response = client.response_head("GET").await;
    client.until(&mut response, "abc").await;
    assert_eq!(lines_with(&logged, "this-one").await, [""; 0]);
    told.notify_one();
    client.until(&mut response, "abcde").await;
    assert!(client.piece(&mut response).await.is_none());
    let line = logged.line("this-one").await;
    assert_eq!((line.end(), line.number("bytes")), ((200, 1, None), 5));
    assert!(line.number("head_us") < line.number("duration_us"), "{line:?}");
}

#[tokio::test]
async fn a_client_that_leaves_is_a_499_once() {
    let (logged, _told) = begun_bodies().await;
    for (path, bytes) in [("/goes-on", 3), ("/silent", 0)] {
        for by_reset in [false, true] {
            let id = format!("gone{by_reset}{bytes}");
            let mut client = RawClient::connect(logged.addr).await;
            let before = logged.upstream.requests().len();
            client.send(request(path, &id)).await;
            logged.upstream.wait_for_heads(before + 1).await;
            if bytes > 0 {
                let mut response = client.response_head("GET").await;
                client.until(&mut response, "abc").await;
            }
            if by_reset {
                client.reset()
            } else {
                drop(client)
            }
            let line = logged.line(&id).await;
            assert_eq!(line.end(), (499, 1, Some("client_gone")), "{path}");
            assert_eq!(line.number("bytes"), bytes, "{path}");
            assert_eq!(line.get("route"), Some("/api"), "{path}");
            assert_eq!(lines_with(&logged, &id).await.len(), 1, "{path}");
            within("the upstream to be left too", logged.upstream.next_closed()).await;
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_reset_is_a_499_once() {
    let (logged, _told) = begun_bodies().await;
    let mut client = H2Client::connect(logged.addr).await;
    let request = http::Request::get("http://test/api/goes-on").header("x-request-id", "stream");
    let response = client.send(request.body(h2::empty()).unwrap()).await.unwrap();
    drop(response);
    assert_eq!(logged.line("stream").await.end(), (499, 1, Some("client_gone")));
    assert_eq!(lines_with(&logged, "stream").await.len(), 1);
    assert_eq!(client.get("/api/x").await.status, 200, "the connection lives on");
}

#[tokio::test]
async fn an_upstream_that_breaks_off_is_blamed() {
    let (logged, told) = begun_bodies().await;
    let mut client = RawClient::connect(logged.addr).await;
    client.send(request("/breaks", "broken")).await;
    let mut response = client.response_head("GET").await;
    client.until(&mut response, "abc").await;
    told.notify_one();
    while client.piece(&mut response).await.is_some() {}
    assert!(!response.body.is_complete());
    let line = logged.line("broken").await;
    assert_eq!((line.end(), line.number("bytes")), ((200, 1, Some("http_response_incomplete")), 3));
    assert_eq!(lines_with(&logged, "broken").await.len(), 1);
}
