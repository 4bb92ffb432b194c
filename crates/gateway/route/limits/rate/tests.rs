//! The layer, over a service that says yes.

use std::convert::Infallible;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use proxy_service::{ErrorKind, Peer};
use tower::util::future_service;
use tower::{Layer, Service, ServiceExt, service_fn};

use super::*;
use crate::config::{RateKey, RateLimit};
use crate::route::Chain;

fn limit(requests: u32, seconds: u64, burst: u32) -> RateLimit {
    let number = |number| NonZeroU32::new(number).unwrap();
    RateLimit {
        name: "client".to_owned(),
        requests: number(requests),
        per: Duration::from_secs(seconds),
        burst: number(burst),
        key: RateKey::Client,
        keys: 64,
        shared: false,
    }
}

async fn yes(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    Ok(Response::builder().header("ratelimit", "\"app\";r=5").body(Body::from("yes")).unwrap())
}

fn limited(
    limits: impl IntoIterator<Item = RateLimit>,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone {
    let counters = limits.into_iter().map(|limit| Arc::new(Counter::new(limit)));
    RateLimitLayer::new(counters).layer(service_fn(yes))
}

fn from(address: &str) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    request.extensions_mut().insert(Peer::new(format!("{address}:1").parse().unwrap()));
    request
}

fn fields(answer: &Response<Body>, name: &str) -> Vec<String> {
    answer.headers().get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn who_comes_too_often_is_told_when_to_come_again() {
    let service = limited([limit(6, 60, 2)]);
    let ask = |address: &'static str| service.clone().oneshot(from(address));
    for left in ["\"client\";r=1;t=10", "\"client\";r=0;t=10"] {
        let answer = ask("192.0.2.1").await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(fields(&answer, "ratelimit"), ["\"app\";r=5", left], "the upstream's own stay");
        assert_eq!(fields(&answer, "ratelimit-policy"), ["\"client\";q=6;w=60"]);
    }
    let answer = ask("192.0.2.1").await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(fields(&answer, "retry-after"), ["10"]);
    assert_eq!(fields(&answer, "ratelimit"), ["\"client\";r=0;t=10"]);
    assert_eq!(fields(&answer, "proxy-status"), ["gateway; error=http_request_denied"]);
    assert_eq!(answer.extensions().get(), Some(&ErrorKind::TooManyRequests));
    assert_eq!(ask("192.0.2.2").await.unwrap().status(), 200, "another client");
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(ask("192.0.2.1").await.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn each_limit_has_its_say() {
    let of_route = RateLimit { name: "route".to_owned(), key: RateKey::Route, ..limit(1, 1, 3) };
    let service = limited([limit(1, 60, 2), of_route]);
    let ask = |address: &'static str| service.clone().oneshot(from(address));
    let answer = ask("192.0.2.1").await.unwrap();
    let told = ["\"app\";r=5", "\"client\";r=1;t=60", "\"route\";r=2;t=1"];
    assert_eq!(fields(&answer, "ratelimit"), told);
    assert_eq!(fields(&answer, "ratelimit-policy"), ["\"client\";q=1;w=60, \"route\";q=1;w=1"]);
    let statuses = ["192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3"];
    let mut answers = Vec::new();
    for address in statuses {
        answers.push(ask(address).await.unwrap().status().as_u16());
    }
    assert_eq!(answers, [200, 429, 200, 429], "the route's limit counts none that the client's refused");
}

/// As with nginx: what one limit refuses uses up none of the others, whichever comes first in the list.
#[tokio::test(start_paused = true)]
async fn a_request_that_is_refused_counts_in_no_limit() {
    let of_route = RateLimit { name: "route".to_owned(), key: RateKey::Route, ..limit(1, 60, 1) };
    let service = limited([limit(1, 60, 2), of_route]);
    let ask = |address: &'static str| service.clone().oneshot(from(address));
    assert_eq!(ask("192.0.2.1").await.unwrap().status(), 200);
    for _ in 0..3 {
        let refused = ask("192.0.2.2").await.unwrap();
        assert_eq!(refused.status(), 429);
        assert_eq!(fields(&refused, "ratelimit"), ["\"client\";r=2;t=60", "\"route\";r=0;t=60"]);
    }
    tokio::time::advance(Duration::from_secs(60)).await;
    let passed = ask("192.0.2.2").await.unwrap();
    assert_eq!((passed.status().as_u16(), &*fields(&passed, "ratelimit")[1]), (200, "\"client\";r=1;t=60"));
}

#[tokio::test(start_paused = true)]
async fn grpc_is_told_in_its_own_way() {
    let service = limited([limit(1, 60, 1)]);
    let ask = || {
        let mut request = from("192.0.2.1");
        request.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
        service.clone().oneshot(request)
    };
    assert_eq!(ask().await.unwrap().status(), 200);
    let refused = ask().await.unwrap();
    assert_eq!((refused.status().as_u16(), fields(&refused, "grpc-status")), (200, vec!["8".to_owned()]));
    assert_eq!(fields(&refused, "retry-after"), ["60"]);
}

/// Clones of the layer, such as those of two generations, count together.
#[tokio::test(start_paused = true)]
async fn a_counter_is_shared_by_all_who_have_it() {
    let counter = Arc::new(Counter::new(limit(1, 60, 1)));
    let layer = || RateLimitLayer::new([Arc::clone(&counter)]).layer(service_fn(yes));
    assert_eq!(layer().oneshot(from("192.0.2.1")).await.unwrap().status(), 200);
    assert_eq!(layer().oneshot(from("192.0.2.1")).await.unwrap().status(), 429);
    assert_eq!(counter.refused(), 1);
}

/// Readiness may take a place, as that of tower's `ConcurrencyLimit` does. Who is refused must not wait for one.
#[tokio::test(start_paused = true)]
async fn who_is_refused_is_told_so_whether_the_service_is_ready_or_not() {
    let layer = RateLimitLayer::new([Arc::new(Counter::new(limit(1, 60, 1)))]);
    assert_eq!(layer.layer(service_fn(yes)).oneshot(from("192.0.2.1")).await.unwrap().status(), 200);
    let never = future_service(std::future::pending::<Result<Chain, Infallible>>());
    assert_eq!(layer.layer(never).oneshot(from("192.0.2.1")).await.unwrap().status(), 429);
}
