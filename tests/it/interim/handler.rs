//! Interim answers of a handler of axum behind the listener.

use std::future::poll_fn;
use std::net::SocketAddr;

use axum::body::Bytes;
use axum::routing::{get, post};
use axum::{Extension, Router};
use gateway::serve::{Informational, InformationalError, Limits, Shutdown, bind, serve};
use http::header::LINK;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use tokio::sync::{mpsc, oneshot};

use crate::support::h2 as http2;
use crate::support::raw::RawClient;
use crate::support::within;

fn link(to: &str) -> HeaderMap {
    HeaderMap::from_iter([(LINK, HeaderValue::from_str(to).unwrap())])
}

fn start(app: Router) -> SocketAddr {
    let listener = bind(([127, 0, 0, 1], 0).into()).unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, move |_| app.clone(), Limits::default(), Shutdown::new()));
    addr
}

/// Sends a hint before its page.
async fn hints(Extension(client): Extension<Informational>) -> &'static str {
    client.send(StatusCode::EARLY_HINTS, link("</style.css>")).await.unwrap();
    "the page"
}

#[tokio::test]
async fn it_sends_hints() {
    let addr = start(Router::new().route("/", get(hints)));
    let mut client = RawClient::connect(addr).await;
    for _ in 0..3 {
        let answer = client.get("/").await;
        assert_eq!(answer.interim[0].headers.one("link"), Some("</style.css>"));
        assert_eq!((answer.interim.len(), answer.text().as_str()), (1, "the page"));
    }
}

/// A task that outlives its request can't send into the next one.
#[tokio::test]
async fn after_the_answer_it_is_an_error() {
    let (late, mut senders) = mpsc::channel::<Informational>(1);
    let keeps = move |Extension(client): Extension<Informational>| {
        let late = late.clone();
        async move { late.send(client).await.unwrap() }
    };
    let addr = start(Router::new().route("/", get(hints)).route("/keeps", get(keeps)));
    let mut client = RawClient::connect(addr).await;
    assert_eq!(client.get("/keeps").await.status(), 200);
    let late = senders.recv().await.unwrap();
    let sent = late.send(StatusCode::EARLY_HINTS, link("</late>")).await;
    assert_eq!(sent, Err(InformationalError::Answered));
    assert_eq!(client.get("/").await.interim.len(), 1);
    let sent = late.send(StatusCode::EARLY_HINTS, link("</late>")).await;
    assert_eq!(sent, Err(InformationalError::Answered));
}

/// The handler waits in one task, and another one sends.
#[tokio::test]
async fn another_task_may_send() {
    let elsewhere = async |Extension(client): Extension<Informational>| {
        let (done, awaited) = oneshot::channel();
        tokio::spawn(async move {
            for number in 0..100 {
                client.send(StatusCode::EARLY_HINTS, link(&format!("</{number}>"))).await.unwrap();
            }
            done.send(()).unwrap();
        });
        awaited.await.unwrap();
        "the page"
    };
    let addr = start(Router::new().route("/", get(elsewhere)));
    let answer = RawClient::connect(addr).await.get("/").await;
    let links: Vec<_> = answer.interim.iter().map(|early| early.headers.one("link").unwrap()).collect();
    assert_eq!(links, (0..100).map(|number| format!("</{number}>")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_100_is_said_once() {
    let reads = async |Extension(client): Extension<Informational>, body: Bytes| {
        client.send(StatusCode::CONTINUE, HeaderMap::new()).await.unwrap();
        body
    };
    let says = async |Extension(client): Extension<Informational>, request: Request<axum::body::Body>| {
        for _ in 0..2 {
            client.send(StatusCode::CONTINUE, HeaderMap::new()).await.unwrap();
        }
        axum::body::to_bytes(request.into_body(), 100).await.unwrap()
    };
    let addr = start(Router::new().route("/reads", post(reads)).route("/says", post(says)));
    for path in ["/reads", "/says"] {
        let mut client = RawClient::connect(addr).await;
        client
            .send(format!(
                "POST {path} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
            ))
            .await;
        let go_on = b"HTTP/1.1 100 Continue\r\n\r\n";
        assert_eq!(client.bytes(go_on.len()).await, go_on, "{path}");
        client.send("hello").await;
        let answer = client.response().await;
        assert_eq!((answer.interim.len(), answer.text().as_str()), (0, "hello"), "{path}");
    }
}

/// Over HTTP/2 too, and only to a client that waits for it.
#[tokio::test]
async fn a_100_is_said_once_over_http2() {
    let says = async |Extension(client): Extension<Informational>, body: Bytes| {
        client.send(StatusCode::CONTINUE, HeaderMap::new()).await.unwrap();
        body
    };
    let reads = async |body: Bytes| body;
    let addr = start(Router::new().route("/says", post(says)).route("/reads", post(reads)));
    let (mut requests, _connection) = http2::raw(addr).await;
    for (path, waits) in [("/says", true), ("/reads", true), ("/says", false), ("/reads", false)] {
        requests = within("a stream", requests.ready()).await.unwrap();
        let mut request = Request::post(format!("http://test{path}")).body(()).unwrap();
        if waits {
            request.headers_mut().insert("expect", HeaderValue::from_static("100-continue"));
        }
        let (mut answer, mut body) = requests.send_request(request, false).unwrap();
        if waits {
            let go_on = within("a 100", poll_fn(|cx| answer.poll_informational(cx))).await.unwrap();
            assert_eq!(go_on.unwrap().status(), 100, "{path}");
        }
        body.send_data("hello".into(), true).unwrap();
        let more = within("no more", poll_fn(|cx| answer.poll_informational(cx))).await;
        assert!(more.is_none(), "{path} {waits}");
        assert_eq!(within("the answer", answer).await.unwrap().status(), 200);
    }
}

/// h2 would keep all of them for a client that doesn't read.
#[tokio::test]
async fn over_http2_they_are_bounded() {
    let many = async |Extension(client): Extension<Informational>| {
        for _ in 0..1000 {
            client.send(StatusCode::EARLY_HINTS, link("</many>")).await.unwrap();
        }
        "the page"
    };
    let addr = start(Router::new().route("/", get(many)));
    let (requests, _connection) = http2::raw(addr).await;
    let mut requests = within("a stream", requests.ready()).await.unwrap();
    let request = Request::get("http://test/").body(()).unwrap();
    let (mut answer, _) = requests.send_request(request, true).unwrap();
    let mut got = 0;
    while let Some(early) = within("its end", poll_fn(|cx| answer.poll_informational(cx))).await {
        assert_eq!(early.unwrap().status(), 103);
        got += 1;
    }
    assert_eq!(within("the answer", answer).await.unwrap().status(), 200);
    assert!((100..500).contains(&got), "{got}");
}
