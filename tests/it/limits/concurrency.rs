//! `concurrency`: how many requests of a route are in flight.

use std::time::Duration;

use crate::capacity::busy::Busy;
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::within;

fn config(url: &str, limit: &str) -> String {
    format!(
        "[pools.api]\nupstreams = [\"{url}\"]\n[routes.\"/api\"]\npool = \"api\"\nconcurrency = {limit}\n\
         [routes.\"/other\"]\npool = \"api\"\n"
    )
}

#[tokio::test]
async fn a_place_is_taken_until_the_body_ends_and_other_routes_have_their_own() {
    let busy = Busy::start().await;
    let limit = "{ requests = 1, queue = 0 }";
    let gateway = TestGateway::start(&config(&busy.upstream.url(), limit));
    let held = busy.hold(gateway.addr).await;
    let mut client = RawClient::connect(gateway.addr).await;
    let refused = client.get("/api/x").await;
    assert_eq!((refused.status(), refused.header("retry-after")), (503, Some("1")));
    assert!(refused.header("proxy-status").unwrap().contains("connection_limit_reached"));
    assert_eq!(client.get("/other/x").await.status(), 200);
    // The limit is the same, so what is in flight still counts.
    gateway
        .apply(&format!("header_case = \"title\"\n{}", config(&busy.upstream.url(), limit)))
        .await
        .unwrap();
    assert_eq!(client.get("/api/x").await.status(), 503);
    held.end().await;
    within("the place to be free", async {
        while client.get("/api/x").await.status() != 200 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn who_finds_no_place_waits_for_one() {
    let busy = Busy::start().await;
    let limit = "{ requests = 1, queue = 1, timeout = \"1h\" }";
    let gateway = TestGateway::start(&config(&busy.upstream.url(), limit));
    let held = busy.hold(gateway.addr).await;
    let (refused, mut waiting) = crate::capacity::busy::two_more(gateway.addr).await;
    assert_eq!(refused.status, 503);
    held.end().await;
    assert_eq!(waiting.join_next().await.unwrap().unwrap().status, 200);
}

/// A WebSocket has a place for as long as it is open.
#[tokio::test]
async fn a_tunnel_counts() {
    let upstream = RecordingUpstream::start(|request| match request.headers.one("upgrade") {
        Some(_) => Script::upgrade("tcp", b"hello"),
        None => Script::ok("fine"),
    })
    .await;
    let text = config(&upstream.url(), "{ requests = 1, queue = 0 }").replacen(
        "pool = \"api\"\n",
        "pool = \"api\"\nupgrade = [\"tcp\"]\n",
        1,
    );
    let gateway = TestGateway::start(&text);
    let mut tunnel = RawClient::connect(gateway.addr).await;
    tunnel.send("GET /api/t HTTP/1.1\r\nHost: test\r\nConnection: upgrade\r\nUpgrade: tcp\r\n\r\n").await;
    assert_eq!(tunnel.response_head("GET").await.status(), 101);
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(client.get("/api/x").await.status(), 503);
    drop(tunnel);
    within("the tunnel's place to be free", async {
        while client.get("/api/x").await.status() != 200 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
