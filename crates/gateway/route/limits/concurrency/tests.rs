use std::convert::Infallible;
use std::time::Duration;

use http_body_util::BodyExt;
use tower::{ServiceExt, service_fn};

use super::*;
use crate::config::Queue;

fn layer(requests: usize, queue: usize) -> ConcurrencyLayer {
    let queue = Queue { size: queue, timeout: Duration::from_secs(1) };
    ConcurrencyLayer::new(Concurrency { requests, queue })
}

/// Answers with the body of the request.
async fn echo(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    Ok(Response::new(request.into_body()))
}

async fn asked(layer: &ConcurrencyLayer, body: &'static str) -> Response<Body> {
    layer.layer(service_fn(echo)).oneshot(Request::new(Body::from(body))).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_request_is_in_flight_until_its_answers_body_has_ended() {
    let layer = layer(2, 0);
    let (one, _other) = (asked(&layer, "one").await, asked(&layer, "other").await);
    let refused = asked(&layer, "third").await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(refused.headers()["proxy-status"], "gateway; error=connection_limit_reached");
    let body = one.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "one");
    assert_eq!(asked(&layer, "third").await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn what_has_no_body_is_over_at_once_and_what_is_dropped_as_well() {
    let layer = layer(1, 0);
    for _ in 0..3 {
        let _empty = asked(&layer, "").await;
    }
    drop(asked(&layer, "dropped").await);
    assert_eq!(asked(&layer, "next").await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn who_waits_gets_the_next_place_or_an_answer_in_time() {
    let layer = layer(1, 1);
    let first = asked(&layer, "first").await;
    let waiting = tokio::spawn({
        let layer = layer.clone();
        async move { asked(&layer, "second").await.status() }
    });
    tokio::task::yield_now().await;
    assert_eq!(asked(&layer, "third").await.status(), 503, "the queue is full");
    drop(first);
    assert_eq!(waiting.await.unwrap(), 200);
    let _first = asked(&layer, "first").await;
    let began = tokio::time::Instant::now();
    assert_eq!(asked(&layer, "second").await.status(), 503);
    assert_eq!(began.elapsed(), Duration::from_secs(1));
}

/// Whoever leaves the queue makes room in it.
#[tokio::test(start_paused = true)]
async fn who_leaves_waits_no_more() {
    let layer = layer(1, 1);
    let _first = asked(&layer, "first").await;
    for _ in 0..3 {
        let left = tokio::time::timeout(Duration::from_millis(1), asked(&layer, "left")).await;
        assert!(left.is_err(), "it was in the queue");
    }
    assert_eq!(layer.waiting.load(Ordering::Relaxed), 0);
}
