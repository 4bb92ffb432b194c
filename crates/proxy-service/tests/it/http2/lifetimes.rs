//! When streams and connections end.

use std::num::NonZeroU32;

use h2::Reason;
use h2::server::Builder;
use tokio::task::JoinHandle;

use super::upstream::{Exchange, Upstream};
use super::*;

fn asking(proxy: &Proxy) -> JoinHandle<String> {
    let proxy = proxy.clone();
    tokio::spawn(async move { ask(&proxy, "/").await })
}

async fn reset_reason(exchange: &mut Exchange) -> Reason {
    let reset = std::future::poll_fn(|cx| exchange.respond.poll_reset(cx));
    within("a reset", reset).await.unwrap()
}

#[tokio::test]
async fn a_request_that_is_given_up_is_reset_and_leaves_its_place() {
    let mut upstream = Upstream::with_streams(1).await;
    let proxy = proxy(http2(), &upstream.target());
    let given_up = asking(&proxy);
    let mut exchange = upstream.next().await;
    given_up.abort();
    assert_eq!(reset_reason(&mut exchange).await, Reason::CANCEL);
    drop(exchange);

    let next = asking(&proxy);
    let exchange = upstream.next().await;
    assert_eq!(exchange.connection, 1);
    exchange.answer("hello");
    assert_eq!(next.await.unwrap(), "hello");
}

#[tokio::test]
async fn an_answer_that_is_not_read_to_its_end_is_reset_and_leaves_its_place() {
    let mut upstream = Upstream::with_streams(1).await;
    let proxy = proxy(http2(), &upstream.target());
    let answer = tokio::spawn({
        let proxy = proxy.clone();
        async move { send(&proxy, get("/")).await.unwrap() }
    });
    let mut exchange = upstream.next().await;
    let mut body = exchange.respond.send_response(Response::new(()), false).unwrap();
    body.send_data("begun".into(), false).unwrap();
    let answer = answer.await.unwrap();
    assert_eq!(proxy.connections().idle, 0);
    drop(answer);
    let reset = std::future::poll_fn(|cx| body.poll_reset(cx));
    assert_eq!(within("a reset", reset).await.unwrap(), Reason::CANCEL);
    assert_eq!(proxy.connections().idle, 1);
}

#[tokio::test]
async fn an_idle_connection_closes_in_time() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(http2().idle_timeout(Duration::from_millis(80)), &upstream.target());
    let answer = asking(&proxy);
    let exchange = upstream.next().await;
    // This is longer than the idle timeout, but the connection is in use.
    tokio::select! {
        _ = upstream.end() => panic!("a connection in use was closed"),
        () = tokio::time::sleep(Duration::from_millis(200)) => exchange.answer("hello"),
    }
    assert_eq!(answer.await.unwrap(), "hello");
    assert_eq!(upstream.end().await, 1);
    within("the count", async {
        while proxy.connections().open > 0 {
            tokio::task::yield_now().await
        }
    })
    .await;
}

#[tokio::test]
async fn an_old_connection_takes_no_more_and_ends_with_its_last_stream() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let client = http2().idle_timeout(Duration::from_millis(80)).max_age(Duration::from_millis(1));
    let proxy = proxy(client, &upstream.target());
    let first = asking(&proxy);
    let held = upstream.next().await;
    let mut others = Vec::new();
    // The task that closes idle connections must have run.
    let second = loop {
        others.push(asking(&proxy));
        let exchange = upstream.next().await;
        match exchange.connection {
            1 => exchange.answer("hello"),
            _ => break exchange,
        }
    };
    assert_eq!(second.connection, 2);
    assert!(upstream.is_open());
    held.answer("hello");
    assert_eq!(first.await.unwrap(), "hello");
    assert_eq!(upstream.end().await, 1);
    second.answer("hello");
    assert_eq!(others.pop().unwrap().await.unwrap(), "hello");
}

#[tokio::test]
async fn a_connection_has_so_many_requests_and_no_more() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(http2().max_uses(NonZeroU32::new(3).unwrap()), &upstream.target());
    for number in 0..7 {
        let answer = asking(&proxy);
        let exchange = upstream.next().await;
        assert_eq!(exchange.connection, 1 + number / 3);
        exchange.answer("hello");
        assert_eq!(answer.await.unwrap(), "hello");
    }
    assert_eq!((upstream.end().await, upstream.end().await), (1, 2));
}

#[tokio::test]
async fn with_its_service_a_connection_ends_after_its_streams() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(http2(), &upstream.target());
    let answer = send_off(proxy);
    let mut exchange = upstream.next().await;
    let mut body = exchange.respond.send_response(Response::new(()), false).unwrap();
    let answer = answer.await.unwrap();
    assert!(upstream.is_open());
    body.send_data("the whole".into(), true).unwrap();
    assert_eq!(text(answer).await, "the whole");
    assert_eq!(upstream.end().await, 1);
}

/// Nothing is left of the service except the request.
fn send_off(proxy: Proxy) -> JoinHandle<Answer> {
    tokio::spawn(async move { tower::ServiceExt::oneshot(proxy, get("/")).await.unwrap() })
}
