//! Answers whose fields are too many to pass on.

use std::error::Error;

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

fn many_fields(count: usize) -> HeaderMap {
    let names = (0..count).map(|number| format!("x-{number}").parse().unwrap());
    names.map(|name: http::HeaderName| (name, "v".parse().unwrap())).collect()
}

/// Fields that count as this number of bytes, 1 KiB each.
fn fields_of(bytes: usize) -> HeaderMap {
    let field = field_of(1024);
    let (name, value) = field.iter().next().unwrap();
    (0..bytes / 1024).map(|_| (name.clone(), value.clone())).collect()
}

/// A field that counts as this number of bytes: its name, its value, and 32.
fn field_of(bytes: usize) -> HeaderMap {
    let (name, value) = (http::HeaderName::from_static("x"), "v".repeat(bytes - 1 - 32));
    HeaderMap::from_iter([(name, value.parse().unwrap())])
}

/// The results of answers with these fields, in the order in which they were asked for, each beside a request that goes
/// on.
async fn outcomes<const COUNT: usize>(
    client: ClientBuilder,
    heads: [HeaderMap; COUNT],
) -> [Result<(), String>; COUNT] {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(client, &upstream.target());
    let other = asking(&proxy, post("other"));
    let others = upstream.next().await;
    let mut outcomes = [const { Ok(()) }; COUNT];
    for (outcome, head) in outcomes.iter_mut().zip(heads) {
        let count = head.len();
        let (answer, ()) = tokio::join!(send(&proxy, get("/")), async {
            upstream.next().await.respond.send_response(answer_with(head), true).unwrap();
        });
        *outcome = match answer {
            Ok(answer) => {
                assert_eq!(
                    answer.headers().iter().filter(|(name, _)| name.as_str().starts_with('x')).count(),
                    count
                );
                Ok(())
            }
            Err(failed) => {
                assert_eq!(failed.error().kind(), ErrorKind::HttpResponseHeaderSectionSize);
                Err(reason(failed.error()))
            }
        };
    }
    others.answer("hello");
    assert_eq!(other.await.unwrap(), Ok(200));
    assert_eq!(proxy.connections().created, 1);
    outcomes
}

/// The innermost cause of an error.
fn reason(error: &(dyn Error + 'static)) -> String {
    error.source().map_or_else(|| error.to_string(), reason)
}

fn too_many() -> Result<(), String> {
    Err("the answer has more fields than response_fields allows".to_owned())
}

fn too_large() -> Result<(), String> {
    Err("the head of the answer is larger than response_section allows".to_owned())
}

#[tokio::test]
async fn as_many_fields_as_the_client_allows() {
    let heads = [256, 257, 3000, 101].map(many_fields);
    assert_eq!(outcomes(http2(), heads).await, [Ok(()), too_many(), too_many(), Ok(())]);
    let heads = [10, 11, 256].map(many_fields);
    assert_eq!(outcomes(http2().response_fields(10), heads).await, [Ok(()), too_many(), too_many()]);
    let heads = [5000, 5001].map(many_fields);
    let client = http2().response_fields(5000).response_section(1 << 20);
    assert_eq!(outcomes(client, heads).await, [Ok(()), too_many()]);
}

#[tokio::test]
async fn as_large_as_the_client_allows() {
    let heads = [64 << 10, (64 << 10) + 1].map(field_of);
    assert_eq!(outcomes(http2(), heads).await, [Ok(()), too_large()]);
    let heads = [2048, 2049, 9000].map(field_of);
    assert_eq!(outcomes(http2().response_section(2048), heads).await, [Ok(()), too_large(), too_large()]);
    let client = http2().response_fields(10_000).response_section(1 << 20);
    let heads = [1 << 20, (1 << 20) + 1024].map(fields_of);
    assert_eq!(outcomes(client, heads).await, [Ok(()), too_large()]);
}

/// Such as the metadata of gRPC.
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
    trailers_break_their_own_answer_alone(http2(), fields(200_000)).await;
    trailers_break_their_own_answer_alone(http2(), many_fields(257)).await;
    trailers_break_their_own_answer_alone(http2().response_fields(10), many_fields(11)).await;
    trailers_break_their_own_answer_alone(http2().response_section(2048), field_of(2049)).await;
    // h2 leaves out what exceeds its own limit, without a report.
    let client = http2().response_fields(10_000).response_section(1 << 20);
    trailers_break_their_own_answer_alone(client, fields_of((1 << 20) + 1024)).await;
}

#[tokio::test]
async fn trailers_within_the_limits_pass() {
    for trailers in [many_fields(256), field_of(64 << 10)] {
        let mut upstream = Upstream::start(Builder::new()).await;
        let proxy = proxy(http2(), &upstream.target());
        let (answer, ()) = tokio::join!(send(&proxy, get("/")), async {
            let mut exchange = upstream.next().await;
            let mut body = exchange.respond.send_response(Response::new(()), false).unwrap();
            body.send_trailers(trailers.clone()).unwrap();
        });
        let body = within("the end", answer.unwrap().into_body().collect()).await.unwrap();
        assert_eq!(body.trailers(), Some(&trailers));
    }
}

async fn trailers_break_their_own_answer_alone(client: ClientBuilder, trailers: HeaderMap) {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(client, &upstream.target());
    let other = asking(&proxy, post("other"));
    let others = upstream.next().await;
    let answer = tokio::spawn({
        let proxy = proxy.clone();
        async move { send(&proxy, get("/")).await.unwrap() }
    });
    let mut exchange = upstream.next().await;
    let mut body = exchange.respond.send_response(Response::new(()), false).unwrap();
    body.send_data("hello".into(), false).unwrap();
    body.send_trailers(trailers).unwrap();
    let broken = within("the end", answer.await.unwrap().into_body().collect()).await.err().unwrap();
    assert_eq!(broken.kind(), ErrorKind::HttpResponseIncomplete);
    others.answer("hello");
    assert_eq!(other.await.unwrap(), Ok(200));
}

/// h2 closes the connection for it. It is not known which request was the cause, so each is lost once: those that may
/// be sent again are.
#[tokio::test]
async fn one_that_is_beyond_all_measure_ends_the_connection_and_idempotent_requests_go_on_the_next() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(http2(), &upstream.target());
    let (lost, again) = (asking(&proxy, post("lost")), asking(&proxy, get("/again")));
    let mut kept = vec![upstream.next().await, upstream.next().await];
    let too_large = asking(&proxy, get("/large"));
    let mut exchange = upstream.next().await;
    exchange.respond.send_response(answer_with(fields(2_000_000)), true).unwrap();
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
    exchange.respond.send_response(answer_with(fields(2_000_000)), true).unwrap();
    assert!(too_large.await.unwrap().is_err());
    upstream.assert_no_more();
}
