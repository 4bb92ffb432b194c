//! A panic in a layer costs the request in which it happens, and nothing else.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Once;
use std::task::{Context, Poll};

use crate::support::ask::{Client, GET, POST, Protocol, every_case};
use crate::support::gateway::{TestGateway, one_pool};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use axum::body::Body;
use axum::http::{Request, Response};
use bytes::Bytes;
use http_body::Frame;
use tower::service_fn;

const SECRET: &str = "the panic's own words";

#[tokio::test]
async fn in_a_layer_it_is_a_500() {
    let (_upstream, gateway) = with_panics().await;
    for (protocol, shape) in every_case() {
        for path in ["/panic/in-call", "/panic/in-future"] {
            let mut client = Client::connect(protocol, gateway.addr).await;
            let context = format!("{path} {shape:?} {protocol:?}");
            let answer = client.ask(shape, path).await.unwrap_or_else(|| panic!("{context}: nothing"));
            answer.assert_own_error(shape.method, 500, "proxy_internal_error", &context);
            assert!(!format!("{answer:?}").contains(SECRET), "{context}");
            still_serves(&gateway).await;
        }
    }
}

#[tokio::test]
async fn a_grpc_client_reads_it_in_the_grpc_status() {
    let (_upstream, gateway) = with_panics().await;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        for path in ["/panic/in-call", "/panic/in-future"] {
            let mut client = Client::connect(protocol, gateway.addr).await;
            let answer = client.ask_with(POST, path, &[("content-type", "application/grpc")]).await.unwrap();
            answer.assert_own_grpc_error("13", "proxy_internal_error", &format!("{path} {protocol:?}"));
        }
    }
}

#[tokio::test]
async fn the_clients_request_id_is_on_it() {
    let (_upstream, gateway) = with_panics().await;
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("GET /panic/in-future HTTP/1.1\r\nHost: test\r\nX-Request-Id: mine-42\r\n\r\n").await;
    let response = client.response().await;
    assert_eq!((response.status(), response.header("x-request-id")), (500, Some("mine-42")));
    // Its connection still works.
    assert_eq!(client.get("/api/x").await.text(), "fine");
}

#[tokio::test]
async fn in_a_body_it_breaks_the_message() {
    let (_upstream, gateway) = with_panics().await;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let mut client = Client::connect(protocol, gateway.addr).await;
        let answer = client.ask(GET, "/panic/in-body").await;
        assert!(answer.as_ref().is_none_or(|answer| !answer.is_complete), "{protocol:?}: {answer:?}");
        still_serves(&gateway).await;
        if protocol == Protocol::Http2 {
            let next = client.ask(GET, "/api/x").await;
            assert!(next.is_some_and(|next| next.status == 200), "one stream's panic ended the others");
        }
    }
}

/// While a thousand requests panic, every other request is answered, on the same connections and on others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_leave_the_others_alone() {
    let (_upstream, gateway) = with_panics().await;
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..8 {
        let addr = gateway.addr;
        clients.spawn(async move {
            let protocol = if number % 2 == 0 { Protocol::Http1 } else { Protocol::Http2 };
            let mut client = Client::connect(protocol, addr).await;
            for _ in 0..125 {
                assert_eq!(client.ask(GET, "/panic/in-future").await.unwrap().status, 500);
                assert_eq!(client.ask(GET, "/api/x").await.unwrap().text(), "fine");
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
}

async fn still_serves(gateway: &TestGateway) {
    assert_eq!(RawClient::connect(gateway.addr).await.get("/api/x").await.text(), "fine");
}

async fn with_panics() -> (RecordingUpstream, TestGateway) {
    quiet_expected_panics();
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let config = one_pool(&upstream.url(), "");
    let gateway =
        TestGateway::start_with(&config, |gateway| gateway.nest_service("/panic", service_fn(panicking)));
    (upstream, gateway)
}

fn panicking(request: Request<Body>) -> impl Future<Output = Result<Response<Body>, Infallible>> + Send {
    let path = request.uri().path().to_owned();
    assert!(path != "/in-call", "{SECRET}");
    async move {
        match path.as_str() {
            "/in-body" => Ok(Response::new(Body::new(Panicking { polls: 0 }))),
            _ => panic!("{SECRET}"),
        }
    }
}

/// A body with one piece, then a pause in which the piece is sent, then a panic.
struct Panicking {
    polls: u32,
}

impl http_body::Body for Panicking {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.polls += 1;
        match self.polls {
            1 => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"half"))))),
            2..=4 => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            _ => panic!("{SECRET}"),
        }
    }
}

/// A thousand backtraces would bury what went wrong.
fn quiet_expected_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if info.payload_as_str() != Some(SECRET) {
                loud(info);
            }
        }));
    });
}
