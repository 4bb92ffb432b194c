//! A kept connection that dies before any byte of an answer: most likely its upstream closed it while it was idle. A
//! request that can do no harm twice is sent once more, on a new connection. Any other is answered with 502 and was
//! sent once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Death, IDEMPOTENT, NOT_IDEMPOTENT};
use crate::support::ask::{Answer, Client, Content, GET, Protocol, Shape};
use crate::support::gateway::{TestGateway, one_pool};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script, Step};

const POST: Shape = Shape { method: "POST", content: Content::Length };

const DEATHS: [Death; 4] = [
    ("closed after the head", || Script(vec![Step::Close])),
    ("reset after the head", || Script(vec![Step::Reset])),
    ("closed after the body", || Script(vec![Step::WaitForBody, Step::Close])),
    ("reset after the body", || Script(vec![Step::WaitForBody, Step::Reset])),
];

#[tokio::test]
async fn what_does_no_harm_goes_once_more_on_a_fresh_connection() {
    for (name, death) in DEATHS {
        for shape in IDEMPOTENT.into_iter().filter(|shape| shape.content == Content::None) {
            let context = format!("{name}: {shape:?}");
            let (upstream, answer) = on_a_stale_connection(death, 1, shape).await;
            assert_eq!(answer.status, 200, "{context}: {answer:?}");
            let tries = tries(&upstream);
            assert_eq!(tries.len(), 2, "{context}");
            assert_ne!(tries[0], tries[1], "{context}: the same connection");
        }
    }
}

/// An upstream that has sent half a head wasn't idle: it was answering this request.
#[tokio::test]
async fn half_a_head_is_an_answer_that_began() {
    let half = || Script::raw("HTTP/1.1 200 OK\r\nContent-").then(Step::Close);
    let (upstream, answer) = on_a_stale_connection(half, 1, GET).await;
    answer.assert_own_error("GET", 502, "connection_terminated", "half a head");
    assert_eq!(tries(&upstream).len(), 1);
}

/// A request with content, too: the content may have been read, and the gateway has not kept it.
#[tokio::test]
async fn the_rest_is_sent_once() {
    let half = || Script::raw("HTTP/1.1 200 OK\r\nContent-").then(Step::Close);
    let half_a_head: (_, fn() -> Script) = ("closed in the answer's head", half);
    for (name, death) in DEATHS.into_iter().chain([half_a_head]) {
        let with_content = IDEMPOTENT.into_iter().filter(|shape| shape.content != Content::None);
        for shape in with_content.chain(NOT_IDEMPOTENT) {
            let context = format!("{name}: {shape:?}");
            let (upstream, answer) = on_a_stale_connection(death, 1, shape).await;
            answer.assert_own_error(shape.method, 502, "connection_terminated", &context);
            assert_eq!(tries(&upstream).len(), 1, "{context}");
        }
    }
}

#[tokio::test]
async fn the_fresh_connection_is_the_last_try() {
    for (name, death) in DEATHS {
        let (upstream, answer) = on_a_stale_connection(death, usize::MAX, GET).await;
        answer.assert_own_error("GET", 502, "connection_terminated", name);
        assert_eq!(tries(&upstream).len(), 2, "{name}");
    }
}

/// An upstream whose new connections die as its kept ones do is going down: a request that can do no harm twice goes to
/// another upstream.
#[tokio::test]
async fn what_dies_on_a_fresh_one_too_goes_to_another_upstream() {
    for (shape, status, tried, answered) in [(GET, 200, 2, 1), (POST, 502, 1, 0)] {
        let going_down = dying(|| Script(vec![Step::Close]), usize::MAX).await;
        let alive = RecordingUpstream::start(|_| Script::ok("alive")).await;
        let gateway = TestGateway::over(going_down.addr(), alive.addr());
        let mut client = Client::connect(Protocol::Http1, gateway.addr).await;
        for _ in [&going_down, &alive] {
            assert_eq!(client.ask(GET, "/api/prime").await.unwrap().status, 200);
        }
        assert_eq!(client.ask(shape, "/api/x").await.unwrap().status, status, "{shape:?}");
        assert_eq!((tries(&going_down).len(), tries(&alive).len()), (tried, answered), "{shape:?}");
    }
}

/// The upstream does not ask for the body and dies. Nothing of the body was sent, so a PUT goes to the other upstream,
/// and a POST still does not.
#[tokio::test]
async fn an_untouched_body_goes_on_too() {
    for (method, status, expected) in [("PUT", 200, 2), ("POST", 502, 1)] {
        let upstream = dying(|| Script(vec![Step::Close]), 1).await;
        let gateway = over(&upstream);
        let mut client = RawClient::connect(gateway.addr).await;
        assert_eq!(client.get("/api/prime").await.status(), 200);
        let head = format!(
            "{method} /api/x HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        );
        client.send(head + "hello").await;
        let response = client.response_to(method).await;
        assert_eq!(response.status(), status, "{method}: {response:?}");
        assert_eq!(tries(&upstream).len(), expected, "{method}");
    }
}

/// Opens a connection with one request, then sends `shape` on it. The upstream plays `death` for the first `tries`
/// tries.
async fn on_a_stale_connection(
    death: fn() -> Script,
    deaths: usize,
    shape: Shape,
) -> (RecordingUpstream, Answer) {
    let upstream = dying(death, deaths).await;
    let gateway = over(&upstream);
    let mut client = Client::connect(Protocol::Http1, gateway.addr).await;
    assert_eq!(client.ask(GET, "/api/prime").await.unwrap().status, 200);
    let answer = client.ask(shape, "/api/x").await.unwrap();
    let first = upstream.requests().into_iter().find(|request| request.target == "/x").unwrap();
    assert_eq!(first.connection, 0, "it did not go over the primed connection");
    (upstream, answer)
}

async fn dying(death: fn() -> Script, deaths: usize) -> RecordingUpstream {
    let tried = Arc::new(AtomicUsize::new(0));
    RecordingUpstream::start(move |request| match request.target.as_str() {
        "/x" if tried.fetch_add(1, Ordering::Relaxed) < deaths => death(),
        _ => Script::ok("alive"),
    })
    .await
}

/// The connections on which the request came, in order.
fn tries(upstream: &RecordingUpstream) -> Vec<usize> {
    let tries = upstream.requests().into_iter().filter(|request| request.target == "/x");
    tries.map(|request| request.connection).collect()
}

fn over(upstream: &RecordingUpstream) -> TestGateway {
    TestGateway::start(&one_pool(&upstream.url(), ""))
}
