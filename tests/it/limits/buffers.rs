//! `buffer`: a request's body is read before an upstream is asked.

use std::time::Duration;

use gateway::observe::metrics::Exposition;

use crate::support::body::BodyEnd;
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::sole::Sole;
use crate::support::within;

const CHUNKED: &str = "POST /x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";

#[tokio::test]
async fn an_upstream_is_asked_when_the_body_is_there_and_told_how_long_it_is() {
    let upstream = RecordingUpstream::start(|_| Script::echo()).await;
    let gateway = Sole::new(upstream.addr()).route("buffer = \"1KiB\"").start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(CHUNKED).await;
    let mut other = RawClient::connect(gateway.addr).await;
    for _ in 0..3 {
        client.send("4\r\nmore\r\n").await;
        assert_eq!(other.get("/other").await.status(), 200);
        let asked = upstream.requests().iter().any(|request| request.target == "/x");
        assert!(!asked, "a slow client holds an upstream");
    }
    client.send("0\r\n\r\n").await;
    assert_eq!(client.response_to("POST").await.text(), "moremoremore");
    let request = upstream.wait_for(4).await.into_iter().find(|request| request.target == "/x").unwrap();
    assert_eq!(request.headers.one("content-length"), Some("12"));
    assert_eq!(request.headers.one("transfer-encoding"), None);
    upstream.assert_clean();
}

#[tokio::test]
async fn what_is_longer_streams_on_from_there() {
    let upstream = RecordingUpstream::start(|_| Script::echo()).await;
    let gateway = Sole::new(upstream.addr()).route("buffer = 8").start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(CHUNKED).await;
    client.send("6\r\nbegins\r\n").await;
    client.send("6\r\n goes \r\n").await;
    upstream.wait_for_heads(1).await;
    client.send("2\r\non\r\n0\r\n\r\n").await;
    assert_eq!(client.response_to("POST").await.text(), "begins goes on");
    upstream.assert_clean();
}

/// With `Expect: 100-continue` the gateway says it, and the upstream isn't asked.
#[tokio::test]
async fn who_waits_for_100_is_told_to_go_on() {
    let upstream = RecordingUpstream::start(|_| Script::echo()).await;
    let gateway = Sole::new(upstream.addr()).route("buffer = \"1KiB\"").start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("POST /x HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n").await;
    assert_eq!(client.bytes(25).await, b"HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body").await;
    assert_eq!(client.response_to("POST").await.text(), "body");
    assert_eq!(upstream.wait_for(1).await[0].headers.one("expect"), None);
}

#[tokio::test]
async fn who_stalls_breaks_off_or_sends_nonsense_reaches_no_upstream() {
    let upstream = RecordingUpstream::start(|_| Script::echo()).await;
    let gateway =
        Sole::new(upstream.addr()).route("buffer = \"1KiB\"\ntimeouts.body_idle = \"200ms\"").start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(CHUNKED).await;
    client.send("4\r\nmore\r\n").await;
    assert_eq!(client.response_to("POST").await.status(), 408);
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(CHUNKED).await;
    client.send("nonsense\r\n").await;
    assert_eq!(client.response_to("POST").await.status(), 400);
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(CHUNKED).await;
    client.send("4\r\nmore\r\n").await;
    client.reset();
    assert!(upstream.connections().is_empty());
}

/// `limits.buffers` is for all of them: what finds no room streams.
#[tokio::test]
async fn without_memory_bodies_stream() {
    let upstream = RecordingUpstream::start(|_| Script::echo()).await;
    let gateway = Sole::new(upstream.addr()).line("limits.buffers = 100").route("buffer = \"1KiB\"").start();
    let mut one = RawClient::connect(gateway.addr).await;
    one.send("POST /x HTTP/1.1\r\nHost: test\r\nContent-Length: 90\r\n\r\nbegun").await;
    within("the memory to be used up", async {
        let used = "gateway_request_buffers_bytes 90";
        while !gateway.handle.metrics(Exposition::Plain).lines().any(|line| line == used) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let mut other = RawClient::connect(gateway.addr).await;
    other.send("POST /y HTTP/1.1\r\nHost: test\r\nContent-Length: 20\r\n\r\nbegun").await;
    assert_eq!(upstream.wait_for_heads(1).await[0].target, "/y");
    one.send("x".repeat(85)).await;
    assert_eq!(one.response_to("POST").await.text().len(), 90);
    let first = upstream.requests().into_iter().find(|request| request.target == "/x").unwrap();
    assert_eq!((first.body.end, first.body.bytes.len()), (BodyEnd::Complete, 90));
}

/// One of two upstreams answers 503. What was read first is sent to the other as well, whole and with the trailers that the
/// route makes of its own; what streams is not.
#[tokio::test]
async fn a_body_that_was_read_first_is_sent_again() {
    let busy = RecordingUpstream::start(|_| Script::status(503)).await;
    let well = RecordingUpstream::start(|_| Script::echo()).await;
    let gateway = TestGateway::start(&format!(
        "[pools.two]\nupstreams = [\"{}\", \"{}\"]\nretries = {{ attempts = 1 }}\noutliers = false\n\
         [routes.\"/\"]\npool = \"two\"\nbuffer = 8\nrequest_trailers.set = {{ x-sum = \"2\" }}\n",
        busy.url(),
        well.url()
    ));
    let upload = |method: &str, body: &str| {
        format!(
            "{method} /x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n{body}0\r\nx-sum: 1\r\n\r\n"
        )
    };
    for (method, body, statuses) in [
        ("PUT", "4\r\nbody\r\n", [200, 200]),
        ("POST", "4\r\nbody\r\n", [503, 200]),
        ("PUT", "9\r\ntoo large\r\n", [503, 200]),
    ] {
        let mut client = RawClient::connect(gateway.addr).await;
        let mut seen = Vec::new();
        for _ in 0..2 {
            seen.push(client.exchange(upload(method, body).as_bytes(), method).await.status());
        }
        seen.sort_unstable_by_key(|status| std::cmp::Reverse(*status));
        assert_eq!(seen, statuses, "{method} {body:?}");
    }
    let bodies: Vec<_> = busy.requests().into_iter().chain(well.requests()).collect();
    let short = bodies.iter().filter(|request| request.body.bytes == b"body");
    assert!(short.clone().count() >= 5, "{bodies:#?}");
    assert!(short.clone().all(|request| request.body.trailers.one("x-sum") == Some("2")), "{bodies:#?}");
    busy.assert_clean();
    well.assert_clean();
}
