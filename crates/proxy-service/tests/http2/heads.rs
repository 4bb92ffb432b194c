//! Answers whose fields are too many to pass on.

use h2::server::Builder;
use http::HeaderMap;
use proxy_service::ErrorKind;

use super::failures::asking;
use super::upstream::Upstream;
use super::*;

fn fields(bytes: usize) -> HeaderMap {
    const FIELD: usize = 1000;
    let names = (0..bytes / FIELD).map(|number| format!("x-{number}").parse().unwrap());
    names.map(|name: http::HeaderName| (name, "v".repeat(FIELD).parse().unwrap())).collect()
}

fn answer_with(fields: HeaderMap) -> Response<()> {
    let mut answer = Response::new(());
    *answer.headers_mut() = fields;
    answer
}

/// As gRPC's metadata can be.
#[tokio::test]
async fn a_head_that_is_too_large_is_the_end_of_its_own_request_alone() {
    for bytes in [70_000, 130_000, 200_000, 1_000_000] {
        let mut upstream = Upstream::start(Builder::new()).await;
        let proxy = proxy(http2(), &upstream.target());
        let other = asking(&proxy, post("other"));
        let others = upstream.next().await;
        let too_large = asking(&proxy, get("/"));
        let mut exchange = upstream.next().await;
        exchange.respond.send_response(answer_with(fields(bytes)), false).unwrap();
        let refused = too_large.await.unwrap();
        assert_eq!(refused, Err((ErrorKind::HttpResponseHeaderSectionSize, false)), "{bytes}");
        others.answer("hello");
        assert_eq!(other.await.unwrap(), Ok(200), "{bytes}");
        assert_eq!(proxy.connections().created, 1);
    }
}

#[tokio::test]
async fn what_http1_may_have_passes() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(http2(), &upstream.target());
    let answer = tokio::spawn(async move { send(&proxy, get("/")).await.unwrap() });
    let mut exchange = upstream.next().await;
    exchange.respond.send_response(answer_with(fields(60_000)), true).unwrap();
    assert_eq!(answer.await.unwrap().headers()["x-59"].len(), 1000);
}

#[tokio::test]
async fn trailers_that_are_too_large_break_their_own_answer_alone() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(http2(), &upstream.target());
    let other = asking(&proxy, post("other"));
    let others = upstream.next().await;
    let answer = tokio::spawn({
        let proxy = proxy.clone();
        async move { send(&proxy, get("/")).await.unwrap() }
    });
    let mut exchange = upstream.next().await;
    let mut body = exchange.respond.send_response(Response::new(()), false).unwrap();
    body.send_data("hello".into(), false).unwrap();
    body.send_trailers(fields(200_000)).unwrap();
    let broken = within("the end", answer.await.unwrap().into_body().collect()).await.unwrap_err();
    assert_eq!(broken.kind(), ErrorKind::HttpResponseIncomplete);
    others.answer("hello");
    assert_eq!(other.await.unwrap(), Ok(200));
}

/// h2 ends the connection for it. Whose fault it was can't be told, so each is lost once: what may go again does.
#[tokio::test]
async fn one_that_is_beyond_all_measure_ends_the_connection_and_idempotent_requests_go_on_the_next() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(http2(), &upstream.target());
    let (lost, again) = (asking(&proxy, post("lost")), asking(&proxy, get("/again")));
    let mut kept = vec![upstream.next().await, upstream.next().await];
    let too_large = asking(&proxy, get("/large"));
    let mut exchange = upstream.next().await;
    exchange.respond.send_response(answer_with(fields(4_000_000)), true).unwrap();
    assert_eq!(lost.await.unwrap(), Err((ErrorKind::ConnectionTerminated, false)));
    for _ in 0..2 {
        let exchange = upstream.next().await;
        assert_eq!(exchange.connection, 2);
        match exchange.request.uri().path() {
            "/again" => exchange.answer("hello"),
            _ => kept.push(exchange),
        }
    }
    assert_eq!(again.await.unwrap(), Ok(200));
    let mut exchange = kept.pop().unwrap();
    assert_eq!(exchange.request.uri().path(), "/large");
    exchange.respond.send_response(answer_with(fields(4_000_000)), true).unwrap();
    assert!(too_large.await.unwrap().is_err());
    upstream.assert_no_more();
}
