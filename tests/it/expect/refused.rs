//! Expectations that the gateway refuses or ignores itself.

use super::expecting;
use crate::support::body::BodyEnd;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::sole::Sole;

#[tokio::test]
async fn other_expectations_are_a_417() {
    let upstream = RecordingUpstream::start(|_| Script::ok("ok")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let unmet = [
        "200-ok",
        "y 100-continue",
        "100-continue, other",
        "100-continue\r\nExpect: 100-continue",
        "100-continue;q=1",
        "",
    ];
    for expectation in unmet {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(expecting("/x", 5).replace("100-continue", expectation)).await;
        let answer = client.response().await;
        assert_eq!(answer.status(), 417, "{expectation:?}");
        assert!(answer.interim.is_empty(), "{expectation:?}");
        assert!(answer.header("proxy-status").unwrap().contains("error=http_request_error"));
    }
    assert!(upstream.requests().is_empty());
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(expecting("/x", 5).replace("100-continue", "100-CONTINUE") + "hello").await;
    assert_eq!(client.response().await.status(), 200, "its case doesn't matter");
}

/// RFC 9110, 10.1.1: a server ignores it in an HTTP/1.0 request, and sends no 1xx to such a client.
#[tokio::test]
async fn http1_0_expects_nothing() {
    let upstream = RecordingUpstream::start(|_| {
        let mut script = Script::ok("ok");
        script.0.insert(0, crate::support::recorder::Step::go_on());
        script
    })
    .await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(expecting("/x", 5).replace("HTTP/1.1", "HTTP/1.0")).await;
    // The gateway does not wait for the body: the head alone must already be at the upstream. The client gets no 100.
    upstream.wait_for_heads(1).await;
    client.send("hello").await;
    let answer = client.response().await;
    assert_eq!((answer.status(), answer.text().as_str()), (200, "ok"));
    assert!(answer.interim.is_empty(), "{:?}", answer.interim);
    assert_eq!(upstream.requests()[0].body.text(), "hello");
}

/// The gate answers without a 100: the client never sends its body, and the upstream gets no request.
#[tokio::test]
async fn the_gate_refuses_without_a_100() {
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let gateway = Sole::new(upstream.addr()).start();
    for (token, status) in [("", 401), ("X-Admin-Token: wrong\r\n", 403)] {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(expecting("/gated/x", 5).replace("Expect", &format!("{token}Expect"))).await;
        let answer = client.response().await;
        assert_eq!(answer.status(), status);
        assert!(answer.interim.is_empty(), "{:?}", answer.interim);
    }
    assert!(upstream.connections().is_empty(), "the upstream was asked");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_without_a_100() {
    let upstream = RecordingUpstream::start(|_| Script::ok("ok")).await;
    let gateway = Sole::new(upstream.addr()).route("max_body = 4").start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(expecting("/x", 5)).await;
    let answer = client.response().await;
    assert_eq!(answer.status(), 413);
    assert!(answer.interim.is_empty(), "{:?}", answer.interim);
    // The client may leave out its body, and the gateway can't know whether it will.
    assert!(answer.headers().lists("connection", "close"), "{answer:?}");
    assert!(upstream.requests().is_empty());
}

/// An upstream that can't be connected to: no 100 is sent, because the body could go nowhere.
#[tokio::test]
async fn a_dead_upstream_is_a_502_without_a_100() {
    let mut upstream = RecordingUpstream::start(|_| Script::ok("ok")).await;
    upstream.kill().await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(expecting("/x", 5)).await;
    let answer = client.response().await;
    assert_eq!(answer.status(), 502);
    assert!(answer.interim.is_empty(), "{:?}", answer.interim);
}

/// Without a body there is nothing to wait for (RFC 9110, 10.1.1).
#[tokio::test]
async fn an_expectation_without_a_body_waits_for_nothing() {
    let upstream = RecordingUpstream::start(|_| Script::ok("ok")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("GET /x HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n\r\n").await;
    let answer = client.response().await;
    assert_eq!(answer.text(), "ok");
    assert!(answer.interim.is_empty(), "{:?}", answer.interim);
    assert_eq!(upstream.requests()[0].body.end, BodyEnd::Complete);
}
