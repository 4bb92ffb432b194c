//! A connection that can't be made: nothing was sent, so a request with any method goes to another upstream.

use std::time::{Duration, Instant};

use super::{IDEMPOTENT, NOT_IDEMPOTENT};
use crate::support::ask::{Client, GET, POST, Protocol};
use crate::support::gateway::{TestGateway, topology};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::unreachable::Refusing;

#[tokio::test]
async fn a_refusing_endpoint_costs_no_request() {
    let nobody = Refusing::new();
    let upstream = RecordingUpstream::start(|_| Script::echo()).await;
    for addrs in [(nobody.addr, upstream.addr()), (upstream.addr(), nobody.addr)] {
        let gateway = TestGateway::over(addrs.0, addrs.1);
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let mut client = Client::connect(protocol, gateway.addr).await;
            for shape in IDEMPOTENT.into_iter().chain(NOT_IDEMPOTENT) {
                // Twice each, so that each endpoint is the first once.
                for _ in 0..2 {
                    let sent = upstream.requests().len();
                    let answer = client.ask(shape, "/api/x").await.unwrap();
                    assert_eq!(answer.status, 200, "{shape:?} {protocol:?}: {answer:?}");
                    let seen = upstream.wait_for(sent + 1).await.split_off(sent);
                    assert_eq!(seen.len(), 1, "{shape:?} {protocol:?}: {seen:?}");
                    assert_eq!(seen[0].method, shape.method);
                    assert_eq!(answer.body, seen[0].body.bytes, "{shape:?} {protocol:?}");
                    assert_eq!(seen[0].body.text(), shape.text(), "{shape:?} {protocol:?}");
                }
            }
        }
    }
    upstream.assert_clean();
}

#[tokio::test]
async fn a_large_body_arrives_untouched_and_once() {
    let nobody = Refusing::new();
    let upstream = RecordingUpstream::start(|_| Script::ok("thanks")).await;
    let gateway = TestGateway::over(nobody.addr, upstream.addr());
    let body: Vec<u8> = (0..1_u32 << 20).map(|at| (at % 251) as u8).collect();
    for turn in 1..=4 {
        let mut client = RawClient::connect(gateway.addr).await;
        let head = format!("POST /api/x HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n", body.len());
        let response = client.exchange(&[head.as_bytes(), &body].concat(), "POST").await;
        assert_eq!(response.text(), "thanks");
        let seen = upstream.wait_for(turn).await;
        assert_eq!(seen.len(), turn);
        assert!(seen[turn - 1].body.bytes == body, "turn {turn}: the body was changed");
    }
    upstream.assert_clean();
}

/// A request that waits for `100 Continue` has not sent its body yet.
#[tokio::test]
async fn a_request_that_expects_a_100_goes_on() {
    let nobody = Refusing::new();
    let upstream = RecordingUpstream::start(|_| {
        let Script(steps) = Script::echo();
        Script(std::iter::once(crate::support::recorder::Step::go_on()).chain(steps).collect())
    })
    .await;
    let gateway = TestGateway::over(nobody.addr, upstream.addr());
    for _ in 0..2 {
        let mut client = RawClient::connect(gateway.addr).await;
        client
            .send("POST /api/x HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello")
            .await;
        assert_eq!(client.response_to("POST").await.text(), "hello");
    }
    assert_eq!(upstream.requests().len(), 2);
    upstream.assert_clean();
}

#[tokio::test]
async fn nobody_left_is_said_at_once() {
    let (one, two) = (Refusing::new(), Refusing::new());
    let gateway = TestGateway::start(&topology(one.addr, two.addr));
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let mut client = Client::connect(protocol, gateway.addr).await;
        let mut took = Vec::new();
        for shape in std::iter::repeat_n([GET, POST], 25).flatten() {
            let started = Instant::now();
            let answer = client.ask(shape, "/api/x").await.unwrap();
            took.push(started.elapsed());
            answer.assert_own_error(shape.method, 502, "connection_refused", &format!("{protocol:?}"));
        }
        took.sort();
        eprintln!("both dead, {protocol:?}: median {:?}, slowest {:?} of {}", took[25], took[49], took.len());
        assert!(took[25] < Duration::from_millis(100), "{took:?}");
    }
}

/// One attempt, and as many more as the pool allows.
#[tokio::test]
async fn attempts_are_bounded() {
    let dead: Vec<Refusing> = (0..4).map(|_| Refusing::new()).collect();
    let upstream = RecordingUpstream::start(|_| Script::ok("alive")).await;
    for (failover, expected) in [(3, 502), (4, 200)] {
        let urls: Vec<String> = dead.iter().map(|dead| format!("\"http://{}\"", dead.addr)).collect();
        let gateway = TestGateway::start(&format!(
            "[pools.api]\nupstreams = [{}, \"{}\"]\nfailover = {failover}\n[routes.\"/api\"]\npool = \"api\"\n",
            urls.join(", "),
            upstream.url()
        ));
        let answer = RawClient::connect(gateway.addr).await.get("/api/x").await;
        assert_eq!(answer.status(), expected, "failover = {failover}");
    }
}
