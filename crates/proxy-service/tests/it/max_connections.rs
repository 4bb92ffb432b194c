//! `max_connections`: how many connections to an upstream there may be, and the queue for them.

use std::num::NonZeroU32;
use std::time::Duration;

use http::Request;
use http_body_util::{BodyExt, Full};
use proxy_service::{ClientBuilder, ErrorKind, Timeouts};
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt;

use crate::support::numbered::{Answer, Proxy, Upstream, ask, connection_of};

const TIMEOUT: Duration = Duration::from_secs(5);

fn client(max: u32, queue: usize) -> ClientBuilder {
    ClientBuilder::new().max_connections(NonZeroU32::new(max).unwrap()).queue(queue, TIMEOUT)
}

/// Sends a request in a task of its own; the answer is the number of the connection.
fn spawn(proxy: &Proxy, path: &'static str) -> JoinHandle<usize> {
    let proxy = proxy.clone();
    tokio::spawn(async move { connection_of(&proxy, path).await })
}

/// Lets tasks run until this number of requests waits.
async fn until_waiting(proxy: &Proxy, requests: usize) {
    while proxy.connections().waiting != requests {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn those_that_wait_get_the_connections_that_are_given_back() {
    let mut upstream = Upstream::new().await;
    let proxy = upstream.proxy(client(2, 100));
    let mut requests = JoinSet::new();
    for _ in 0..20 {
        let proxy = proxy.clone();
        requests.spawn(async move { connection_of(&proxy, "/held").await });
    }
    until_waiting(&proxy, 18).await;
    upstream.until_held(2).await;
    upstream.release(20);
    assert!(requests.join_all().await.into_iter().all(|number| number < 2));
    let counts = proxy.connections();
    assert_eq!((counts.open, counts.waiting, counts.created, counts.reused), (2, 0, 2, 18));
}

#[tokio::test]
async fn they_get_the_room_of_those_that_close() {
    let mut upstream = Upstream::new().await;
    let proxy = upstream.proxy(client(1, 100));
    let held = spawn(&proxy, "/held");
    upstream.until_held(1).await;
    let (last, next) = (spawn(&proxy, "/last"), spawn(&proxy, "/"));
    until_waiting(&proxy, 2).await;
    upstream.release(1);
    assert_eq!([held.await.unwrap(), last.await.unwrap(), next.await.unwrap()], [0, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_and_a_wait_in_vain_are_503() {
    let mut upstream = Upstream::new().await;
    let proxy = upstream.proxy(client(1, 1));
    let held = spawn(&proxy, "/held");
    upstream.until_held(1).await;
    let (in_vain, ()) = tokio::join!(ask(&proxy, "/"), async {
        until_waiting(&proxy, 1).await;
        let begun = tokio::time::Instant::now();
        check_refusal(ask(&proxy, "/").await);
        assert!(begun.elapsed() < TIMEOUT);
    });
    check_refusal(in_vain);
    upstream.release(1);
    held.await.unwrap();
    assert_eq!(connection_of(&proxy, "/").await, 0);
}

fn check_refusal((head, body): Answer) {
    assert_eq!((head.status.as_u16(), body.as_str()), (503, "Service Unavailable\n"));
    assert_eq!(head.headers["proxy-status"], "gateway; error=connection_limit_reached");
    assert!(head.headers.contains_key("retry-after"));
}

#[tokio::test(start_paused = true)]
async fn however_long_the_wait_it_is_not_the_upstreams() {
    let patience = Timeouts::default().response_head;
    let mut upstream = Upstream::new().await;
    let client = ClientBuilder::new().max_connections(NonZeroU32::MIN).queue(1, 2 * patience);
    let proxy = upstream.proxy(client);
    let half = Request::get("/half").header("host", "shop.example").body(Full::default()).unwrap();
    let held = proxy.clone().oneshot(half).await.unwrap();
    check_refusal(ask(&proxy, "/").await);

    // Once it is sent, the upstream has the full time for its answer.
    let waits = spawn(&proxy, "/held");
    until_waiting(&proxy, 1).await;
    tokio::time::sleep(patience * 2 / 3).await;
    upstream.until_held(1).await;
    upstream.release(1);
    held.into_body().collect().await.unwrap();
    upstream.until_held(1).await;
    tokio::time::sleep(patience * 2 / 3).await;
    upstream.release(1);
    assert_eq!(waits.await.unwrap(), 0);

    // And not more time than that.
    let begun = tokio::time::Instant::now();
    assert_eq!(ask(&proxy, "/held").await.0.status, 504);
    assert!(begun.elapsed() < patience + Duration::from_secs(1));
}

#[tokio::test]
async fn a_request_that_finds_no_room_comes_back_whole() {
    let mut upstream = Upstream::new().await;
    let proxy = upstream.proxy(client(1, 0));
    let _held = spawn(&proxy, "/held");
    upstream.until_held(1).await;
    let order = Request::post("/").header("host", "shop.example").body(Full::from("an order.")).unwrap();
    let failed = proxy.clone().oneshot(order).await.map(|_| ()).unwrap_err();
    assert_eq!(failed.error().kind(), ErrorKind::ConnectionLimitReached);
    let order = Request::try_from(failed).unwrap();
    assert_eq!(order.into_body().collect().await.unwrap().to_bytes(), "an order.");
}

#[tokio::test]
async fn who_gives_up_leaves_the_queue_to_the_others() {
    let mut upstream = Upstream::new().await;
    let proxy = upstream.proxy(client(1, 2));
    let held = spawn(&proxy, "/held");
    upstream.until_held(1).await;
    let gives_up = spawn(&proxy, "/");
    until_waiting(&proxy, 1).await;
    let waits = spawn(&proxy, "/");
    until_waiting(&proxy, 2).await;
    gives_up.abort();
    until_waiting(&proxy, 1).await;
    upstream.release(1);
    assert_eq!([held.await.unwrap(), waits.await.unwrap()], [0, 0]);
}

/// A request that is cancelled closes its connection; its place is free again.
#[tokio::test]
async fn a_cancelled_request_makes_room() {
    let mut upstream = Upstream::new().await;
    let proxy = upstream.proxy(client(1, 1));
    let held = spawn(&proxy, "/held");
    upstream.until_held(1).await;
    let waits = spawn(&proxy, "/");
    until_waiting(&proxy, 1).await;
    held.abort();
    assert_eq!(waits.await.unwrap(), 1);
}

#[tokio::test]
async fn an_upstream_that_refuses_takes_no_room() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let proxy = Proxy::new(target, client(1, 0).build());
    for _ in 0..3 {
        assert_eq!(ask(&proxy, "/").await.0.status, 502);
    }
    assert_eq!(proxy.connections().open, 0);
}

/// Runtimes do not use each other's connections, but they give each other their places.
#[test]
fn a_connection_that_is_idle_elsewhere_makes_room() {
    let runtime =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (one, other) = (runtime(), runtime());
    let upstream = one.block_on(Upstream::new());
    let proxy = upstream.proxy(client(1, 0));
    for number in 0..6 {
        let here = if number % 2 == 0 { &one } else { &other };
        assert_eq!(here.block_on(connection_of(&proxy, "/")), number);
        let counts = proxy.connections();
        assert_eq!((counts.open, counts.idle, counts.created), (1, 1, number as u64 + 1));
    }
}

/// With requests on both runtimes at once, and one queue for all.
#[test]
fn runtimes_share_the_room_fairly() {
    let runtime =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (one, other) = (runtime(), runtime());
    let upstream = one.block_on(Upstream::new());
    let proxy = upstream.proxy(client(3, 1_000));
    let mut requests = Vec::new();
    for number in 0..400 {
        let proxy = proxy.clone();
        let here = if number % 2 == 0 { &one } else { &other };
        requests.push(here.spawn(async move {
            connection_of(&proxy, "/").await;
            proxy.connections().open
        }));
    }
    for request in requests {
        assert!(one.block_on(request).unwrap() <= 3);
    }
}
