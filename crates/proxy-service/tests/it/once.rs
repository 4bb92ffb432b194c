//! Which requests may be sent again and which only once, by what the client reports of the failure.

use std::future::ready;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Empty;
use proxy_service::{ClientError, ProxyService, RequestBody, Target};
use tower::{ServiceExt, service_fn};

type Body = Empty<Bytes>;

/// How often a request without a body was sent before it failed, and whether it may go elsewhere. `tries` describes
/// each try.
async fn outcome(method: &Method, tries: fn(usize) -> ClientError) -> (usize, bool) {
    let sent = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&sent);
    let client = service_fn(move |_: Request<RequestBody<Body>>| {
        let error = tries(counting.fetch_add(1, Ordering::Relaxed));
        ready(Err::<Response<Body>, _>(error))
    });
    let target: Target = "http://upstream.example".parse().unwrap();
    let request =
        Request::builder().method(method).uri("/").header("host", "test").body(Body::new()).unwrap();
    let failed = ProxyService::new(target, client).oneshot(request).await.unwrap_err();
    (sent.load(Ordering::Relaxed), failed.request().is_some())
}

fn reset() -> std::io::Error {
    ErrorKind::ConnectionReset.into()
}

#[tokio::test]
async fn refused_and_then_lost_is_sent_no_third_time_unless_it_is_harmless() {
    let tries = |number| match number {
        0 => ClientError::refused("the upstream is about to leave"),
        _ => ClientError::on_fresh_connection(reset()),
    };
    for (method, may_go_elsewhere) in [
        (Method::GET, true),
        (Method::PUT, true),
        (Method::DELETE, true),
        (Method::POST, false),
        (Method::PATCH, false),
    ] {
        assert_eq!(outcome(&method, tries).await, (2, may_go_elsewhere), "{method}");
    }
}

#[tokio::test]
async fn lost_on_a_fresh_connection_only_what_is_safe_goes_on() {
    for (method, may_go_elsewhere) in [(Method::GET, true), (Method::PUT, false), (Method::POST, false)] {
        let outcome = outcome(&method, |_| ClientError::on_fresh_connection(reset())).await;
        assert_eq!(outcome, (1, may_go_elsewhere), "{method}");
    }
}

#[tokio::test]
async fn lost_on_a_reused_connection_what_is_idempotent_goes_once_more() {
    for (method, outcome_of_it) in
        [(Method::GET, (2, true)), (Method::PUT, (2, true)), (Method::POST, (1, false))]
    {
        let outcome = outcome(&method, |_| ClientError::on_reused_connection(reset())).await;
        assert_eq!(outcome, outcome_of_it, "{method}");
    }
}

#[tokio::test]
async fn what_was_never_sent_may_go_anywhere() {
    for method in [Method::GET, Method::POST] {
        assert_eq!(outcome(&method, |_| ClientError::unsent(reset())).await, (1, true), "{method}");
    }
}
