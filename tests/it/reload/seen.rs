//! Which configuration a request goes through.

use std::sync::Arc;

use tokio::sync::Notify;

use super::over;
use crate::support::gateway::TestGateway;
use crate::support::h2;
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordingUpstream, Script, Step};
use crate::support::within;

#[tokio::test]
async fn the_next_request_on_the_same_connection_sees_the_new_one() {
    let (one, two) = (upstream("one").await, upstream("two").await);
    let gateway = TestGateway::start(&over(&[one.addr()], ""));
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(client.get("/api/x").await.text(), "one");
    assert_eq!(client.get("/new/x").await.status(), 404);

    let new = "[routes.\"/new\"]\npool = \"api\"\n";
    let applied = gateway.apply(&(over(&[two.addr()], "") + new)).await.unwrap();
    assert_eq!(applied.routes.to_string(), "+/new (1 kept)");
    assert_eq!(applied.pools.to_string(), "~api (0 kept)");
    assert_eq!(client.get("/api/x").await.text(), "two");
    assert_eq!(client.get("/new/x").await.text(), "two");

    gateway.apply(&over(&[one.addr()], "pages = false")).await.unwrap();
    assert_eq!(client.get("/api/x").await.text(), "one");
    for gone in ["/new/x", "/healthz"] {
        assert_eq!(client.get(gone).await.status(), 404, "{gone}");
    }
    assert_eq!(two.requests().len(), 2, "what was removed gets nothing");
}

#[tokio::test]
async fn http2_streams_of_one_connection_as_well() {
    let (one, two) = (upstream("one").await, upstream("two").await);
    let gateway = TestGateway::start(&over(&[one.addr()], ""));
    let mut client = h2::H2Client::connect(gateway.addr).await;
    for (upstream, said) in [(&one, "one"), (&two, "two"), (&one, "one")] {
        gateway.apply(&over(&[upstream.addr()], "")).await.unwrap();
        assert_eq!(client.get("/api/x").await.body, said.as_bytes());
    }
}

#[tokio::test]
async fn a_request_in_flight_goes_on_to_its_end() {
    let go_on = Arc::new(Notify::new());
    let gate = Arc::clone(&go_on);
    let slow = RecordingUpstream::start(move |_| {
        Script::default()
            .then(Step::AwaitSignal(Arc::clone(&gate)))
            .then(Step::Answer(Answer::new(200).body("at last")))
    })
    .await;
    let other = upstream("other").await;
    let gateway = TestGateway::start(&over(&[slow.addr()], ""));
    let mut waiting = RawClient::connect(gateway.addr).await;
    waiting.send("GET /api/x HTTP/1.1\r\nHost: test\r\n\r\n").await;
    slow.wait_for_heads(1).await;

    // Its route is gone, and its pool, and all that it stands in front of.
    let elsewhere = over(&[other.addr()], "").replace("api", "elsewhere");
    gateway.apply(&elsewhere).await.unwrap();
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(client.get("/api/x").await.status(), 404);
    assert_eq!(client.get("/elsewhere/x").await.text(), "other");
    go_on.notify_one();
    assert_eq!(within("the answer", waiting.response()).await.text(), "at last");
    assert_eq!(waiting.get("/elsewhere/x").await.text(), "other", "the connection is kept");
}

#[tokio::test]
async fn whom_to_trust_is_asked_for_each_request() {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let gateway = TestGateway::start(&over(&[upstream.addr()], ""));
    let mut client = RawClient::connect(gateway.addr).await;
    let trusting = "trusted_proxies = [\"127.0.0.0/8\"]";
    for (config, expected) in [("", "127.0.0.1"), (trusting, "192.0.2.7, 127.0.0.1"), ("", "127.0.0.1")] {
        gateway.apply(&over(&[upstream.addr()], config)).await.unwrap();
        client.send("GET /api/x HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n").await;
        assert_eq!(client.response().await.status(), 200);
        let seen = upstream.requests();
        assert_eq!(seen.last().unwrap().headers.one("x-forwarded-for"), Some(expected), "{config}");
    }
}

#[tokio::test]
async fn a_configuration_may_be_applied_before_the_gateway_serves() {
    let (one, two) = (upstream("one").await, upstream("two").await);
    let listener = gateway::serve::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let addr = listener.local_addr().unwrap();
    let text =
        |upstream: &RecordingUpstream| format!("listen = \"{addr}\"\n{}", over(&[upstream.addr()], ""));
    let config = |text: &str| gateway::config::Config::parse("test.toml", text, |_| None).unwrap();
    let shutdown = gateway::serve::Shutdown::new();
    let gateway = gateway::app(config(&text(&one)), shutdown.clone()).unwrap();
    let handle = gateway.handle();
    handle.apply(config(&text(&two))).await.unwrap();
    let served = tokio::spawn(gateway.serve(listener));
    assert_eq!(RawClient::connect(addr).await.get("/api/x").await.text(), "two");
    assert_eq!(handle.status().generation, 2);
    shutdown.begin();
    within("the gateway to end", served).await.unwrap();
    let error = handle.apply(config(&text(&one))).await.unwrap_err();
    assert_eq!(error.to_string(), "the gateway has stopped");
}

async fn upstream(says: &'static str) -> RecordingUpstream {
    RecordingUpstream::start(move |_| Script::ok(says)).await
}

#[tokio::test]
async fn limits_of_the_listener_are_those_of_the_connections_start() {
    let upstream = upstream("fine").await;
    let gateway = TestGateway::start(&over(&[upstream.addr()], ""));
    let mut before = RawClient::connect(gateway.addr).await;
    assert_eq!(before.get("/api/x").await.status(), 200);
    let strict = "limits = { uri = 20, connections = 7 }\nheader_case = \"title\"";
    gateway.apply(&over(&[upstream.addr()], strict)).await.unwrap();
    let long = format!("/api/{}", "x".repeat(30));
    assert_eq!(before.get(&long).await.status(), 200, "this one began before");
    let mut after = RawClient::connect(gateway.addr).await;
    assert_eq!(after.get(&long).await.status(), 414);
}
