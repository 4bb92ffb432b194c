//! A new connection that dies before an answer: the upstream may have acted on the request. So it is sent once, unless
//! its method is safe (RFC 9110, 9.2.1): then it may go to another upstream, as with nginx.

use super::{Death, IDEMPOTENT, NOT_IDEMPOTENT};
use crate::support::ask::{Client, Protocol, Shape};
use crate::support::gateway::TestGateway;
use crate::support::recorder::{RecordingUpstream, Script, Step};

const DEATHS: [Death; 5] = [
    ("closed after the head", || Script(vec![Step::Close])),
    ("reset after the head", || Script(vec![Step::Reset])),
    ("closed after the body", || Script(vec![Step::WaitForBody, Step::Close])),
    ("reset after the body", || Script(vec![Step::WaitForBody, Step::Reset])),
    ("closed in the answer's head", || Script::raw("HTTP/1.1 200 OK\r\nContent-").then(Step::Close)),
];

#[tokio::test]
async fn is_not_tried_again_there_nor_elsewhere_unless_it_is_safe() {
    for (name, death) in DEATHS {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            for shape in IDEMPOTENT.into_iter().chain(NOT_IDEMPOTENT) {
                let context = format!("{name}: {shape:?} {protocol:?}");
                dies_once(death, protocol, shape, &context).await;
            }
        }
    }
}

/// Two upstreams, so that failover would be possible.
async fn dies_once(death: fn() -> Script, protocol: Protocol, shape: Shape, context: &str) {
    let one = RecordingUpstream::start(move |_| death()).await;
    let two = RecordingUpstream::start(move |_| death()).await;
    let gateway = TestGateway::over(one.addr(), two.addr());
    let answer = Client::connect(protocol, gateway.addr).await.ask(shape, "/api/x").await.unwrap();
    answer.assert_own_error(shape.method, 502, "connection_terminated", context);
    let is_safe = matches!(shape.method, "GET" | "HEAD" | "OPTIONS");
    let seen = (one.requests().len(), two.requests().len());
    assert_eq!(seen, (1, usize::from(is_safe)), "{context}");
}

/// The connection is accepted and closed, or reset, before the request was read. The gateway can't know whether the
/// request arrived, unless it sent nothing of it at all.
#[tokio::test]
async fn a_listener_that_closes_at_once() {
    for (name, greeting) in [("closes", (|| Step::Close) as fn() -> Step), ("resets", || Step::Reset)] {
        for shape in IDEMPOTENT.into_iter().chain(NOT_IDEMPOTENT) {
            let one = RecordingUpstream::start_greeting(
                move |_| Script(vec![greeting()]),
                |_| Script::ok("never asked"),
            )
            .await;
            let two = RecordingUpstream::start(|_| Script::ok("two")).await;
            let gateway = TestGateway::over(one.addr(), two.addr());
            let mut client = Client::connect(Protocol::Http1, gateway.addr).await;
            let answer = client.ask(shape, "/api/x").await.unwrap();
            let context = format!("{name}: {shape:?}");
            match answer.status {
                200 => assert_eq!(two.requests().len(), 1, "{context}"),
                _ => {
                    answer.assert_own_error(shape.method, 502, "connection_terminated", &context);
                    assert_eq!(two.requests().len(), 0, "{context}");
                }
            }
            assert_eq!(one.connections().len(), 1, "{context}: the same endpoint twice");
        }
    }
}
