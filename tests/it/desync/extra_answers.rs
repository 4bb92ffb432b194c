//! An upstream that sends more than one answer to a request. The surplus answer must not reach any client.
//!
//! Let d be the time between the answer and the surplus one, and g the time between the answer and the next request,
//! which is the victim's. There are three cases:
//!
//! - d = 0: the surplus came with the answer. It is never delivered.
//! - 0 < d < g: it came while the connection was idle. It is never delivered, and the connection is closed.
//! - g < d: it comes when the victim's request has been written. HTTP/1.1 matches answers to requests by their order
//!   alone, so it *is* the victim's answer, for any client. This case cannot be prevented on a connection that is used
//!   again; only one connection for each request avoids it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::parsers::routes;
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, End, RecordingUpstream, Script, Step};

const TWO: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst\
                   HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_came_with_another_is_nobodys() {
    let upstream = RecordingUpstream::start(|request| match &*request.target {
        "/two" => Script::raw(TWO),
        "/half" => Script::raw(TWO.split_at(TWO.len() - 4).0),
        victim => Script::ok(victim.to_owned()),
    })
    .await;
    let gateway = TestGateway::start(&routes(&[("up", upstream.addr())]));
    let mut attacker = RawClient::connect(gateway.addr).await;
    let mut victim = RawClient::connect(gateway.addr).await;
    // The gap g is the parameter here; the test waits for nothing.
    for gap in [0, 0, 2, 30].map(Duration::from_millis) {
        for round in 0..25 {
            for surplus in ["/two", "/half"] {
                assert_eq!(attacker.get(&format!("/up{surplus}")).await.text(), "first");
                tokio::time::sleep(gap).await;
                let path = format!("/victim/{}/{round}", gap.as_millis());
                assert_eq!(victim.get(&format!("/up{path}")).await.text(), path);
            }
        }
    }
}

#[tokio::test]
async fn nor_is_one_that_came_to_an_idle_connection() {
    for surplus in [
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
        "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200",
        "\r\n",
        "\0",
    ] {
        let signal = Arc::new(Notify::new());
        let late = Arc::clone(&signal);
        let upstream = RecordingUpstream::start(move |request| match &*request.target {
            "/first" => Script(vec![
                Step::Answer(Answer::new(200).body("first")),
                Step::AwaitSignal(Arc::clone(&late)),
                Step::Send(surplus.into()),
                Step::AwaitClose,
            ]),
            victim => Script::ok(victim.to_owned()),
        })
        .await;
        let gateway = TestGateway::start(&routes(&[("up", upstream.addr())]));
        let mut client = RawClient::connect(gateway.addr).await;
        assert_eq!(client.get("/up/first").await.text(), "first");
        signal.notify_one();
        let closed = upstream.next_closed().await;
        assert!(matches!(closed.end, Some(End::PeerClosed | End::PeerReset)), "{surplus:?}: {closed:?}");
        assert_eq!(client.get("/up/victim").await.text(), "/victim", "{surplus:?}");
        assert_eq!(upstream.requests()[1].connection, 1, "{surplus:?}");
    }
}

/// Bytes with which no response begins.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn noise_after_an_answer_costs_no_more_than_a_connection() {
    let upstream = RecordingUpstream::start(|request| match &*request.target {
        "/noisy" => Script::raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst\0\0\r\nnoise"),
        victim => Script::ok(victim.to_owned()),
    })
    .await;
    let gateway = TestGateway::start(&routes(&[("up", upstream.addr())]));
    let mut client = RawClient::connect(gateway.addr).await;
    for round in 0..100 {
        assert_eq!(client.get("/up/noisy").await.text(), "first");
        let path = format!("/victim/{round}");
        assert_eq!(client.get(&format!("/up{path}")).await.text(), path);
    }
}
