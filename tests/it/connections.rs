//! `connections.max`: how many connections to an upstream there may be, what counts as one, and what happens when all
//! are in use.

use std::collections::BTreeSet;

use crate::capacity::busy::Busy;
use crate::support::ask::{Client, GET, Protocol};
use crate::support::gateway::TestGateway;
use crate::support::operator::line_on;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script, Step};
use crate::support::within;

fn config(upstreams: &[String], connections: &str) -> String {
    format!(
        "[pools.api]\nupstreams = {upstreams:?}\nconnections = {{ {connections} }}\n[routes.\"/api\"]\npool = \"api\"\n"
    )
}

async fn until_state(gateway: &TestGateway, url: &str, end: &str) {
    within(end, async {
        while !line_on(&gateway.handle, url).await.ends_with(end) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_tunnel_is_a_connection_for_as_long_as_it_is_open() {
    let upstream = RecordingUpstream::start(|request| match request.target.as_str() {
        "/ws" => Script::upgrade("websocket", b"").then(Step::AwaitClose),
        _ => Script::ok("fine"),
    })
    .await;
    let url = upstream.url();
    let connections = "max = 1, queue = { size = 1, timeout = \"1h\" }";
    let gateway = TestGateway::start(&config(std::slice::from_ref(&url), connections));
    let mut tunnel = RawClient::connect(gateway.addr).await;
    tunnel
        .send("GET /api/ws HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        .await;
    assert_eq!(tunnel.response_head("GET").await.status(), 101);
    let waits = tokio::spawn({
        let addr = gateway.addr;
        async move { RawClient::connect(addr).await.get("/api/x").await.text() }
    });
    until_state(&gateway, &url, "1 connections: 0 idle, 1 waiting for one").await;
    let refused = Client::connect(Protocol::Http1, gateway.addr).await.ask(GET, "/api/x").await.unwrap();
    refused.assert_own_error("GET", 503, "connection_limit_reached", "the queue is full");

    drop(tunnel);
    assert_eq!(within("the tunnel's place", waits).await.unwrap(), "fine");
    until_state(&gateway, &url, "1 connections: 1 idle, 0 waiting for one").await;
}

/// However long a request waits for a connection: the time for the upstream's answer begins when the request is sent.
#[tokio::test]
async fn a_wait_longer_than_an_answer_may_take_is_nobodys_failure() {
    let upstream =
        RecordingUpstream::start(|_| Script::upgrade("websocket", b"").then(Step::AwaitClose)).await;
    let url = upstream.url();
    let connections = "max = 1, queue = { size = 1, timeout = \"600ms\" }";
    let config = config(std::slice::from_ref(&url), connections);
    let gateway = TestGateway::start(&format!(
        "[timeouts]\nresponse_head = \"200ms\"\n{config}[pools.api.outliers]\nconsecutive = 1\nmax_ejected = 100\n"
    ));
    let mut tunnel = RawClient::connect(gateway.addr).await;
    tunnel
        .send("GET /api/ws HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        .await;
    assert_eq!(tunnel.response_head("GET").await.status(), 101);
    let refused = Client::connect(Protocol::Http1, gateway.addr).await.ask(GET, "/api/x").await.unwrap();
    refused.assert_own_error("GET", 503, "connection_limit_reached", "a wait in vain");
    let state = line_on(&gateway.handle, &url).await;
    assert!(state.contains("available") && state.contains(" 0 failures"), "{state}");
}

/// An upstream that is full has not failed, and another upstream may have room.
#[tokio::test]
async fn a_request_that_finds_no_room_goes_on_elsewhere() {
    let (one, other) = (Busy::start().await, Busy::start().await);
    let urls = [one.upstream.url(), other.upstream.url()];
    let gateway = TestGateway::start(&config(&urls, "max = 1, queue.size = 0"));
    let held = one.hold(gateway.addr).await;
    let mut client = RawClient::connect(gateway.addr).await;
    for _ in 0..12 {
        assert_eq!(client.get("/api/x").await.text(), "fine");
    }
    assert_eq!((one.upstream.requests().len(), other.upstream.requests().len()), (1, 12));
    let state = line_on(&gateway.handle, &urls[0]).await;
    assert!(state.contains("available") && state.contains(" 0 failures"), "{state}");
    held.end().await;
}

/// Each pool has its own TLS, protocols and limits: what one may use is nothing to the other, though the address is the same.
#[tokio::test]
async fn pools_share_no_connections() {
    let upstream = RecordingUpstream::start(|request| Script::ok(request.target.clone())).await;
    let url = upstream.url();
    let pool = |name: &str| {
        format!("[pools.{name}]\nupstreams = [\"{url}\"]\n[routes.\"/{name}\"]\npool = \"{name}\"\n")
    };
    let gateway = TestGateway::start(&(pool("one") + &pool("other")));
    let mut client = RawClient::connect(gateway.addr).await;
    for _ in 0..3 {
        for (path, arrives) in [("/one/1", "/1"), ("/other/2", "/2")] {
            assert_eq!(client.get(path).await.text(), arrives);
        }
    }
    let requests = upstream.requests().into_iter();
    let used: BTreeSet<(usize, String)> =
        requests.map(|request| (request.connection, request.target)).collect();
    assert_eq!(used, BTreeSet::from([(0, "/1".to_owned()), (1, "/2".to_owned())]));
}
