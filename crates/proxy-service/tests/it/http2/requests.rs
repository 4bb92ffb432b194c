//! How a request is written in HTTP/2, and its answer read.

use h2::server::Builder;
use http::{HeaderMap, HeaderValue, Version};
use proxy_service::{ErrorKind, HostPolicy};

use super::upstream::Upstream;
use super::*;

#[tokio::test]
async fn what_http1_has_in_its_head_is_in_pseudo_headers() {
    for policy in [HostPolicy::Target, HostPolicy::Preserve] {
        let mut upstream = Upstream::start(Builder::new()).await;
        let proxy: Proxy = ProxyLayer::new(format!("{}/base", upstream.target()).parse().unwrap())
            .host(policy.clone())
            .layer(http2().build());
        let request = Request::post("/a%2Fb?c")
            .header("host", "shop.example:81")
            .header("connection", "close, x-hop")
            .header("x-hop", "1")
            .header("keep-alive", "1")
            .header("te", "gzip, trailers")
            .header("transfer-encoding", "chunked")
            .header("trailer", "x-sum")
            .header("x-end", "to-end")
            .body(Full::from("abc"))
            .unwrap();
        let asking = tokio::spawn({
            let proxy = proxy.clone();
            async move { send(&proxy, request).await }
        });
        let exchange = upstream.next().await;
        let (head, mut body) = exchange.request.into_parts();
        assert_eq!((head.method.as_str(), head.version), ("POST", Version::HTTP_2));
        let authority = match policy {
            HostPolicy::Preserve => "shop.example:81".to_owned(),
            _ => upstream.addr.to_string(),
        };
        assert_eq!(head.uri.to_string(), format!("http://{authority}/base/a%2Fb?c"));
        for name in ["host", "connection", "x-hop", "keep-alive", "transfer-encoding", "upgrade"] {
            assert_eq!(head.headers.get(name), None, "{name}");
        }
        for (name, value) in [("te", "trailers"), ("trailer", "x-sum"), ("x-end", "to-end")] {
            assert_eq!(head.headers[name], value);
        }
        assert_eq!(within("the body", body.data()).await.unwrap().unwrap(), "abc");
        let mut respond = exchange.respond;
        let answer = Response::builder().status(201).header("x-answer", "1").body(()).unwrap();
        let mut sending = respond.send_response(answer, false).unwrap();
        sending.send_data("def".into(), false).unwrap();
        let trailers = HeaderMap::from_iter([("x-sum".parse().unwrap(), HeaderValue::from_static("6"))]);
        sending.send_trailers(trailers).unwrap();

        let answer = asking.await.unwrap().unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["x-answer"]),
            (201, &HeaderValue::from_static("1"))
        );
        assert_eq!(answer.headers()["via"], "2 gateway");
        let body = within("the body", answer.into_body().collect()).await.unwrap();
        assert_eq!(body.trailers().unwrap()["x-sum"], "6");
        assert_eq!(body.to_bytes(), "def");
    }
}

#[tokio::test]
async fn a_host_that_is_no_authority_is_a_bad_request() {
    let upstream = Upstream::start(Builder::new()).await;
    let proxy: Proxy =
        ProxyLayer::new(upstream.target().parse().unwrap()).host(HostPolicy::Preserve).layer(http2().build());
    let request = Request::get("/").header("host", "a%20b").body(Full::default()).unwrap();
    let failed = send(&proxy, request).await.unwrap_err();
    assert_eq!(failed.error().kind(), ErrorKind::BadRequest);
    assert!(failed.request().is_none(), "it is as bad elsewhere");
}

fn expecting() -> Request<Body> {
    let request = Request::post("/").header("host", "test").header("expect", "100-continue");
    request.body(Full::from("abc")).unwrap()
}

#[tokio::test]
async fn a_body_that_expects_100_continue_is_sent_after_a_while() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(http2(), &upstream.target());
    let asking = tokio::spawn(async move { send(&proxy, expecting()).await });
    let mut exchange = upstream.next().await;
    assert_eq!(exchange.request.headers()["expect"], "100-continue");
    assert_eq!(within("the body", exchange.request.body_mut().data()).await.unwrap().unwrap(), "abc");
    exchange.answer("hello");
    assert_eq!(text(asking.await.unwrap().unwrap()).await, "hello");
}

/// Time is paused, so no timeout can run out.
#[tokio::test]
async fn with_100_continue_it_is_sent_at_once() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(http2(), &upstream.target());
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    // As long as a task blocks, tokio does not move a paused clock.
    let (end, blocked) = std::sync::mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || blocked.recv_timeout(Duration::from_secs(20)));
    let asking = tokio::spawn(async move { send(&proxy, expecting()).await });
    let mut exchange = upstream.next().await;
    let interim = |status: u16| Response::builder().status(status).body(()).unwrap();
    exchange.respond.send_informational(interim(103)).unwrap();
    exchange.respond.send_informational(interim(100)).unwrap();
    assert_eq!(within("the body", exchange.request.body_mut().data()).await.unwrap().unwrap(), "abc");
    assert_eq!(begun.elapsed(), Duration::ZERO);
    exchange.answer("hello");
    assert_eq!(text(asking.await.unwrap().unwrap()).await, "hello");
    drop(end);
}

/// Such as a 417: nothing of the body is sent.
#[tokio::test]
async fn a_body_that_is_not_wanted_stays_here() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(http2(), &upstream.target());
    let asking = tokio::spawn(async move { send(&proxy, expecting()).await });
    let mut exchange = upstream.next().await;
    let refusal = Response::builder().status(417).body(()).unwrap();
    exchange.respond.send_response(refusal, true).unwrap();
    let answer = asking.await.unwrap().unwrap();
    assert_eq!(answer.status(), 417);
    drop(answer);
    let body = within("the body's end", exchange.request.body_mut().data()).await.unwrap();
    assert_eq!(body.unwrap_err().reason(), Some(h2::Reason::CANCEL));
}

#[tokio::test]
async fn the_first_waits_for_its_connection_and_the_next_does_not() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(http2(), &upstream.target());
    for is_first in [true, false] {
        let answering = async { upstream.next().await.answer("hello") };
        let (answer, ()) = tokio::join!(send(&proxy, get("/")), answering);
        let stages = *answer.unwrap().extensions().get::<proxy_service::Upstream>().unwrap().stages();
        assert_eq!(stages.connect().is_some(), is_first, "{stages:?}");
        assert!(stages.connect().unwrap_or_default() <= stages.sent().unwrap(), "{stages:?}");
        assert!(stages.sent() <= stages.head(), "{stages:?}");
    }
}
