use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRAILER, UPGRADE};
use http::request::Builder;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt as _, Full};
use tokio::time::Instant;
use tower::ServiceExt as _;

use super::hello::ECHOED;
use crate::serve::Shutdown;

async fn ask(request: Request<Body>) -> Response {
    super::router(9001).oneshot(request).await.unwrap()
}

async fn get(uri: &str) -> Response {
    ask(Request::get(uri).body(Body::empty()).unwrap()).await
}

async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn hello_names_the_upstream_and_repeats_the_request() {
    let request = Request::post("/a%2Fb//c;d?x=%zz&x=1&")
        .header("x-request-id", "first")
        .header("X-Request-Id", "second")
        .body(Body::from("the body"))
        .unwrap();
    let response = ask(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        text(response).await,
        "hello from upstream 9001\n\nmethod: POST\npath: /a%2Fb//c;d?x=%zz&x=1&\nversion: HTTP/1.1\n\n\
         x-request-id: first\nx-request-id: second\n\nthe body"
    );
}

#[tokio::test]
async fn hello_answers_any_method_on_any_path() {
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "PURGE"] {
        for path in ["/", "//", "/sse/", "/status", "/bytes/1/2", "/%"] {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            let answer = text(ask(request).await).await;
            assert!(
                answer.contains(&format!("method: {method}\npath: {path}\n")),
                "{method} {path}: {answer}"
            );
        }
    }
}

#[tokio::test]
async fn hello_shows_the_authority_of_http_2_and_bytes_that_are_not_utf_8() {
    let mut request = Request::get("http://example.test:80/x").body(Body::empty()).unwrap();
    request.headers_mut().insert("x-latin", HeaderValue::from_bytes(b"caf\xe9").unwrap());
    let answer = ask(request).await.into_body().collect().await.unwrap().to_bytes();
    assert!(answer.windows(29).any(|at| at == b"\nauthority: example.test:80\np".as_slice()), "{answer:?}");
    assert!(answer.windows(15).any(|at| at == b"x-latin: caf\xe9\n\n"), "{answer:?}");
}

#[tokio::test]
async fn hello_has_a_length_when_the_request_has_one() {
    let sized = ask(Request::post("/").body(Body::from("1234")).unwrap()).await;
    let promised = sized.body().size_hint().exact();
    assert_eq!(promised, Some(text(sized).await.len() as u64));

    let unsized_body = Body::new(Frames([Frame::data("1234".into())].into()));
    let streamed = ask(Request::post("/").body(unsized_body).unwrap()).await;
    assert_eq!(streamed.body().size_hint().exact(), None);
    assert!(text(streamed).await.ends_with("\n\n1234"));
}

#[tokio::test]
async fn hello_echoes_a_bounded_part_and_counts_the_rest() {
    let exactly = vec![b'x'; ECHOED as usize];
    let answer = text(ask(Request::post("/").body(exactly.clone().into()).unwrap()).await).await;
    assert!(answer.ends_with("xxxx"), "nothing is said when nothing is left out");

    let too_long = [exactly.as_slice(), b"yyyyy"].concat();
    let response = ask(Request::post("/").body(too_long.into()).unwrap()).await;
    assert_eq!(response.body().size_hint().exact(), None);
    let answer = text(response).await;
    assert!(answer.ends_with("xxx\n... and 5 more bytes\n"));
    assert_eq!(answer.matches('x').count() as u64, ECHOED);
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    for (uri, length) in
        [("/bytes/5000000000", Some("5000000000")), ("/status/404", Some("14")), ("/sse", None)]
    {
        let head = ask(Request::head(uri).body(Body::empty()).unwrap()).await;
        assert_eq!(head.headers().get(CONTENT_LENGTH).map(|v| v.to_str().unwrap()), length, "{uri}");
        assert_eq!(head.headers().get(CONTENT_TYPE), get(uri).await.headers().get(CONTENT_TYPE), "{uri}");
        assert_eq!(text(head).await, "", "{uri}");
    }
    let head = ask(Request::head("/x").body(Body::empty()).unwrap()).await;
    let length: usize = head.headers()[CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
    assert_eq!(length, text(get("/x").await).await.len() + "HEAD".len() - "GET".len());
    assert_eq!(text(head).await, "");
}

#[tokio::test]
async fn bytes_are_as_many_as_asked_for_and_the_same_each_time() {
    for count in [0, 1, 250, 251, 64_256, 64_257, 1_000_000_u64] {
        let response = get(&format!("/bytes/{count}")).await;
        assert_eq!(response.body().size_hint().exact(), Some(count));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let expected: Vec<u8> = (0..count).map(|i| (i % 251) as u8).collect();
        assert!(body == expected, "{count}");
    }
}

#[tokio::test]
async fn bytes_stream() {
    let mut endless = get(&format!("/bytes/{}", u64::MAX)).await.into_body();
    let first = endless.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(first.len() < 100_000);
    assert_eq!(endless.size_hint().exact(), Some(u64::MAX - first.len() as u64));
}

#[tokio::test(start_paused = true)]
async fn sse_sends_the_first_event_at_once_and_one_a_second_after_it() {
    let response = get("/sse").await;
    assert_eq!(response.headers()[CONTENT_TYPE], "text/event-stream");
    let mut events = response.into_body();
    let start = Instant::now();
    for id in 0..3 {
        let event = events.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(event, format!("id: {id}\ndata: event {id} from upstream 9001\n\n"));
        assert_eq!(start.elapsed().as_secs(), id);
    }
}

#[tokio::test(start_paused = true)]
async fn slow_waits_as_long_as_asked_within_a_minute() {
    let minute = 60_000;
    for (uri, ms) in
        [("/slow?ms=1500", 1500), ("/slow", 1000), ("/slow?a=1&ms=0", 0), ("/slow?ms=99999999", minute)]
    {
        let start = Instant::now();
        let response = get(uri).await;
        let waited = start.elapsed();
        // tokio's timer has a granularity of one millisecond.
        let expected = Duration::from_millis(ms);
        assert!(waited >= expected && waited <= expected + Duration::from_millis(1), "{uri}: {waited:?}");
        assert_eq!(text(response).await, format!("upstream 9001 answers after {ms} ms\n"));
    }
}

#[tokio::test]
async fn status_is_any_final_one() {
    for code in [200, 204, 205, 304, 418, 503, 599] {
        let response = get(&format!("/status/{code}")).await;
        assert_eq!(response.status().as_u16(), code);
        assert_eq!(text(response).await.is_empty(), [204, 205, 304].contains(&code), "{code}");
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    for uri in [
        "/status/199",
        "/status/100",
        "/status/600",
        "/status/ok",
        "/status/65537",
        "/bytes/-1",
        "/bytes/x",
        "/bytes/18446744073709551616",
        "/slow?ms=",
        "/slow?ms=1s",
        "/slow?ms=-1",
    ] {
        assert_eq!(get(uri).await.status(), StatusCode::BAD_REQUEST, "{uri}");
    }
}

#[tokio::test]
async fn echo_returns_body_and_trailers() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-checksum", HeaderValue::from_static("abc"));
    let frames = [
        Frame::data(Bytes::from_static(b"one")),
        Frame::data(Bytes::from_static(b"two")),
        Frame::trailers(trailers.clone()),
    ];
    let request = Request::put("/echo")
        .header(CONTENT_TYPE, "text/x")
        .header(TRAILER, "x-checksum")
        .body(Body::new(Frames(frames.into())))
        .unwrap();
    let response = ask(request).await;
    assert_eq!(response.headers()[CONTENT_TYPE], "text/x");
    assert_eq!(response.headers()[TRAILER], "x-checksum");
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(body.trailers(), Some(&trailers));
    assert_eq!(body.to_bytes(), "onetwo");
}

#[tokio::test]
async fn echo_keeps_a_known_length() {
    let response = ask(Request::post("/echo").body(Body::new(Full::from("12345"))).unwrap()).await;
    assert_eq!(response.body().size_hint().exact(), Some(5));
}

#[tokio::test]
async fn echo_refuses_what_only_looks_like_a_websocket() {
    let request = Request::get("/echo").header(UPGRADE, "WebSocket").body(Body::from("x")).unwrap();
    assert!(ask(request).await.status().is_client_error());
    let request = Request::builder().method(Method::CONNECT).uri("/echo").body(Body::empty()).unwrap();
    assert!(ask(request).await.status().is_client_error());
    let request = Request::post("/echo").header(UPGRADE, "h2c").body(Body::from("x")).unwrap();
    assert_eq!(text(ask(request).await).await, "x");
}

/// A body that says nothing about its length.
struct Frames(VecDeque<Frame<Bytes>>);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(Ok))
    }
}

#[tokio::test]
async fn it_stops_by_hand_only() {
    let shutdown = Shutdown::new();
    let ask = async |request: Builder| {
        let backend = super::stoppable(9001, shutdown.clone());
        backend.oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
    };
    for (header, value) in [("via", "1.1 gateway"), ("origin", "http://127.0.0.1:9001"), ("origin", "null")] {
        assert_eq!(
            ask(Request::post("/stop").header(header, value)).await,
            StatusCode::FORBIDDEN,
            "{header}"
        );
    }
    assert_eq!(ask(Request::get("/stop")).await, StatusCode::OK, "a path as any other");
    assert!(!shutdown.has_begun());
    assert_eq!(ask(Request::post("/stop")).await, StatusCode::OK);
    assert!(shutdown.has_begun());
    assert!(
        text(super::router(9001).oneshot(Request::post("/stop").body(Body::empty()).unwrap()).await.unwrap())
            .await
            .starts_with("hello")
    );
}
