//! Why a request ended: who broke off, and when.

use super::logged::Logged;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script, Step};

const BEGINNING: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";

/// What a client does after it has sent its request.
#[derive(Clone, Copy)]
enum Client {
    Waits,
    LeavesAtOnce,
    LeavesInBody,
}

async fn gateway() -> Logged {
    let upstream = RecordingUpstream::start(|request| match request.target.as_str() {
        "/silent" => Script::silence(),
        "/breaks" => Script::raw(BEGINNING).then(Step::Close),
        "/breaks-before" => Script::raw("HTTP/1.1 200 O").then(Step::Close),
        "/stalls" | "/goes-on" => Script::raw(BEGINNING).then(Step::AwaitClose),
        _ => Script::ok("abc"),
    })
    .await;
    let config = format!(
        "[timeouts]\nbody_idle = \"300ms\"\n[log.access]\nformat = \"log {{id}} {{ended}} {{status}}\"\nto = \"stdout\"\n\
         [pools.plain]\nupstreams = [\"{url}\"]\n[routes.\"/api\"]\npool = \"plain\"\n\
         [pools.short]\nupstreams = [\"{url}\"]\ntimeouts = {{ response_head = \"100ms\" }}\n\
         [routes.\"/short\"]\npool = \"short\"\n\
         [pools.dead]\nupstreams = [\"http://127.0.0.1:1\"]\n[routes.\"/dead\"]\npool = \"dead\"\n\
         [pools.nobody]\nupstreams = [{{ file = \"none.json\" }}]\n[routes.\"/nobody\"]\npool = \"nobody\"\n",
        url = upstream.url(),
    );
    Logged::over(upstream, &[], &config).await
}

#[tokio::test]
async fn each_end_has_its_word() {
    let logged = gateway().await;
    for (number, (head, client, ended)) in [
        ("GET /api/x", Client::Waits, "complete 200"),
        ("GET /nowhere", Client::Waits, "complete 404"),
        ("GET /api/../x", Client::Waits, "refused 400"),
        ("GET /dead/x", Client::Waits, "connect_failed 502"),
        ("GET /nobody/x", Client::Waits, "no_upstream 503"),
        ("GET /api/breaks-before", Client::Waits, "upstream_broke_before_head 502"),
        ("GET /short/silent", Client::Waits, "timeout_before_head 504"),
        ("GET /api/breaks", Client::Waits, "upstream_broke_in_body 200"),
        ("GET /api/stalls", Client::Waits, "timeout_in_body 200"),
        ("GET /api/silent", Client::LeavesAtOnce, "client_left_before_head 499"),
        ("GET /api/goes-on", Client::LeavesInBody, "client_left_in_body 499"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut connection = RawClient::connect(logged.addr).await;
        let seen = logged.upstream.requests().len();
        connection.send(format!("{head} HTTP/1.1\r\nHost: t\r\nX-Request-Id: id-{number}\r\n\r\n")).await;
        match client {
            Client::Waits => {
                let mut response = connection.response_head("GET").await;
                while connection.piece(&mut response).await.is_some() {}
            }
            Client::LeavesAtOnce => drop(logged.upstream.wait_for_heads(seen + 1).await),
            Client::LeavesInBody => {
                let mut response = connection.response_head("GET").await;
                connection.until(&mut response, "abc").await;
            }
        }
        drop(connection);
        let line = logged.raw_line(&format!("log id-{number} ")).await;
        assert_eq!(line, format!("log id-{number} {ended}"), "{head}");
    }
}

/// An upload that stalls.
#[tokio::test]
async fn a_client_that_is_slow_is_named() {
    let logged = gateway().await;
    let mut client = RawClient::connect(logged.addr).await;
    let head = "POST /api/x HTTP/1.1\r\nHost: t\r\nX-Request-Id: slow\r\nContent-Length: 9\r\n\r\nabc";
    client.send(head).await;
    client.response_to("POST").await;
    assert_eq!(logged.raw_line("log slow ").await, "log slow timeout_in_upload 408");
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_named() {
    let head = "[timeouts]\nrequest = \"100ms\"\n[log.access]\nformat = \"log {id} {ended} {status}\"\n";
    let logged = Logged::start(&[], head, |_| Script::silence()).await;
    let mut client = RawClient::connect(logged.addr).await;
    client.exchange(b"GET /api/x HTTP/1.1\r\nHost: t\r\nX-Request-Id: late\r\n\r\n", "GET").await;
    assert_eq!(logged.raw_line("log late ").await, "log late timeout_of_request 503");
}
