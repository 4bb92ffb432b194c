//! `max_in_flight` and its queue. The upstream takes one request at a time, and the queue holds one more. When it is
//! full, the answer is 503 with `Retry-After` and the error `connection_limit_reached`.

pub(crate) mod busy;

use std::time::{Duration, Instant};

use crate::support::ask::{Client, GET, Protocol};
use crate::support::gateway::TestGateway;
use crate::support::running::Running;
use busy::{Busy, two_more};

/// Longer than any test waits: what was answered was either answered at once or let in.
const FOR_EVER: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn the_third_is_refused_at_once_and_the_second_served_when_the_first_s_body_ends() {
    let busy = Busy::start().await;
    let gateway = TestGateway::start(&busy.config(FOR_EVER));
    let held = busy.hold(gateway.addr).await;
    let (refused, mut waiting) = two_more(gateway.addr).await;
    refused.assert_own_error("GET", 503, "connection_limit_reached", "the queue is full");
    // The first request has its response head already: the unfinished body is what keeps the place.
    assert_eq!(busy.upstream.requests().len(), 1);
    held.end().await;
    let served = waiting.join_next().await.unwrap().unwrap();
    assert_eq!((served.status, served.text().as_str()), (200, "fine"), "{served:?}");
}

#[tokio::test]
async fn who_waits_too_long_is_refused() {
    const QUEUE_TIMEOUT: Duration = Duration::from_millis(300);
    let busy = Busy::start().await;
    let gateway = TestGateway::start(&busy.config(QUEUE_TIMEOUT));
    let held = busy.hold(gateway.addr).await;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let mut client = Client::connect(protocol, gateway.addr).await;
        let began = Instant::now();
        let answer = client.ask(GET, "/api/x").await.unwrap();
        answer.assert_own_error("GET", 503, "connection_limit_reached", "it waited");
        assert!(began.elapsed() >= QUEUE_TIMEOUT, "{protocol:?}: {:?}", began.elapsed());
    }
    assert_eq!(busy.upstream.requests().len(), 1);
    held.end().await;
    let mut client = Client::connect(Protocol::Http1, gateway.addr).await;
    assert_eq!(client.ask(GET, "/api/x").await.unwrap().text(), "fine");
}

#[tokio::test]
async fn who_leaves_the_queue_frees_its_place() {
    let busy = Busy::start().await;
    // A process of its own, because its log tells when it has noticed.
    let gateway = Running::start(&busy.config(FOR_EVER), "info").await;
    let held = busy.hold(gateway.addr).await;
    let (refused, leaving) = two_more(gateway.addr).await;
    assert_eq!(refused.status, 503);
    drop(leaving);
    gateway.process.line_with("status=499").await;
    let (refused, mut waiting) = two_more(gateway.addr).await;
    assert_eq!(refused.status, 503);
    assert_eq!(busy.upstream.requests().len(), 1);
    held.end().await;
    let served = waiting.join_next().await.unwrap().unwrap();
    assert_eq!((served.status, served.text().as_str()), (200, "fine"), "nobody could wait: {served:?}");
}
