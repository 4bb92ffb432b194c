//! What a new configuration doesn't change stays as it is.

use super::{over, shown};
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

#[tokio::test]
async fn a_pool_keeps_its_connections_counters_and_health() {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let sick = RecordingUpstream::start(|_| Script::status(502)).await;
    let rules = "outliers = { consecutive = 1 }\nfailover = 0";
    let base = over(&[upstream.addr()], "")
        + &format!("[pools.sick]\nupstreams = [\"{}\", \"http://127.0.0.1:1\"]\n{rules}\n", sick.url())
        + "[routes.\"/sick\"]\npool = \"sick\"\n";
    let gateway = TestGateway::start(&base);
    let mut client = RawClient::connect(gateway.addr).await;
    for path in ["/api/x", "/sick/x", "/sick/x"] {
        client.get(path).await;
    }
    let before = shown(&mut client, "http://").await;
    assert!(before[0].contains("1 requests") && before[1].contains("Ejected"), "{before:#?}");

    let applied = gateway.apply(&format!("{base}[routes.\"/more\"]\npool = \"api\"\n")).await.unwrap();
    assert_eq!(applied.pools.to_string(), "(2 kept)");
    assert_eq!(shown(&mut client, "http://").await, before);
    assert_eq!(client.get("/more/x").await.status(), 200);
    assert_eq!(upstream.connections().len(), 1, "the connection is used again");
}

#[tokio::test]
async fn a_service_of_the_program_stays() {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let own = axum::Router::new().fallback(async || "my own\n");
    let gateway =
        TestGateway::start_with(&over(&[upstream.addr()], ""), |gateway| gateway.nest_service("/own", own));
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(client.get("/own/x").await.text(), "my own\n");
    gateway.apply(&over(&[upstream.addr()], "pages = false")).await.unwrap();
    assert_eq!(client.get("/own/x").await.text(), "my own\n");

    let taken = over(&[upstream.addr()], "").replace("/api", "/own");
    let error = gateway.apply(&taken).await.unwrap_err();
    assert!(error.to_string().starts_with("/own is taken by a service"), "{error}");
    assert_eq!(client.get("/own/x").await.text(), "my own\n");
}

#[tokio::test]
async fn wrong_tries_are_counted_on() {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let gated = over(&[upstream.addr()], "") + "admin_tokens = [\"letmein-for-this-test\"]\n";
    let gateway = TestGateway::start(&gated);
    let mut client = RawClient::connect(gateway.addr).await;
    let mut last = 0;
    for number in 0..40 {
        client.send("GET /api/x HTTP/1.1\r\nHost: test\r\nX-Admin-Token: wrong\r\n\r\n").await;
        last = client.response().await.status();
        gateway.apply(&format!("{gated}[routes.\"/{number}\"]\npool = \"api\"\nadmin_tokens = [\"another-token-of-this-test\"]\n")).await.unwrap();
    }
    assert_eq!(last, 429, "a reload must not give anybody more tries");
}

#[tokio::test]
async fn the_same_once_more_changes_nothing() {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let text = over(&[upstream.addr()], "");
    let gateway = TestGateway::start(&text);
    let applied = gateway.apply(&text).await.unwrap();
    assert!(applied.is_empty(), "{applied}");
    assert_eq!(applied.to_string(), "generation 1: nothing changed");
}
