//! Which connection a request takes, and when another is made.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use h2::server::Builder;
use http_body::Body as _;
use proxy_service::ErrorKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::upstream::{Bare, Exchange, Upstream};
use super::*;

/// The most connections that there may be for an endpoint and runtime.
pub(super) const MOST_CONNECTIONS: usize = 32;

/// A client whose requests wait for a place as long as a loaded machine takes.
fn patient() -> ClientBuilder {
    http2().queue(100, Duration::from_secs(60))
}

/// Requests that begin together.
fn burst(proxy: &Proxy, size: usize) -> JoinSet<String> {
    (0..size).map(|_| proxy.clone()).map(|proxy| async move { ask(&proxy, "/").await }).collect()
}

fn connections(exchanges: &[Exchange]) -> usize {
    exchanges.iter().map(|exchange| exchange.connection).max().unwrap()
}

fn answer_all(exchanges: Vec<Exchange>) {
    exchanges.into_iter().for_each(|exchange| exchange.answer("hello"));
}

#[tokio::test]
async fn a_burst_on_an_empty_pool_makes_one_connection() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(http2(), &upstream.target());
    let answers = burst(&proxy, 100);
    let exchanges = upstream.take(100).await;
    assert_eq!(connections(&exchanges), 1);
    assert_eq!((proxy.connections().open, proxy.connections().idle), (1, 0));
    answer_all(exchanges);
    assert!(answers.join_all().await.iter().all(|answer| answer == "hello"));
    let counts = proxy.connections();
    assert_eq!((counts.open, counts.idle, counts.created, counts.reused), (1, 1, 1, 99));
}

#[tokio::test]
async fn a_connection_takes_as_many_as_either_side_wants() {
    for (wanted, bound) in [(2, 100), (100, 2)] {
        let mut upstream = Upstream::with_streams(wanted).await;
        let client = http2().max_http2_streams(NonZeroU32::new(bound).unwrap());
        let proxy = proxy(client, &upstream.target());
        let answers = burst(&proxy, 6);
        let exchanges = upstream.take(6).await;
        for connection in 1..=3 {
            assert_eq!(exchanges.iter().filter(|one| one.connection == connection).count(), 2, "{wanted}");
        }
        answer_all(exchanges);
        answers.join_all().await;
        assert_eq!(proxy.connections().created, 3);
    }
}

/// So that the other connections become idle.
#[tokio::test]
async fn the_fullest_connection_with_room_is_taken() {
    let mut upstream = Upstream::with_streams(2).await;
    let proxy = proxy(http2(), &upstream.target());
    let answers = burst(&proxy, 4);
    let mut exchanges = upstream.take(4).await;
    let second = exchanges.iter().position(|exchange| exchange.connection == 2).unwrap();
    exchanges.swap_remove(second).answer("hello");
    for first in exchanges.extract_if(.., |exchange| exchange.connection == 1) {
        first.answer("hello");
    }
    within("three answers", async {
        while proxy.connections().idle == 0 {
            tokio::task::yield_now().await
        }
    })
    .await;
    let fifth = tokio::spawn({
        let proxy = proxy.clone();
        async move { ask(&proxy, "/").await }
    });
    let taken = upstream.next().await;
    assert_eq!(taken.connection, 2);
    taken.answer("hello");
    fifth.await.unwrap();
    answer_all(exchanges);
    answers.join_all().await;
}

#[tokio::test]
async fn at_the_bound_requests_wait_for_room_and_lose_none() {
    let mut upstream = Upstream::with_streams(1).await;
    let proxy = proxy(patient(), &upstream.target());
    let answers = burst(&proxy, MOST_CONNECTIONS + 20);
    let exchanges = upstream.take(MOST_CONNECTIONS).await;
    assert_eq!(connections(&exchanges), MOST_CONNECTIONS);
    upstream.assert_no_more();
    answer_all(exchanges);
    answer_all(upstream.take(20).await);
    assert_eq!(answers.join_all().await.len(), MOST_CONNECTIONS + 20);
    assert_eq!(proxy.connections().created, MOST_CONNECTIONS as u64);
}

#[tokio::test]
async fn a_request_that_waits_for_room_and_leaves_takes_no_ones_turn() {
    let mut upstream = Upstream::with_streams(1).await;
    let proxy = proxy(patient(), &upstream.target());
    let answers = burst(&proxy, MOST_CONNECTIONS);
    let mut exchanges = upstream.take(MOST_CONNECTIONS).await;
    let mut leaver = Box::pin(proxy.clone().oneshot(get("/leaver")));
    assert!(poll_once(&mut leaver).await.is_none());
    let mut waiter = Box::pin(proxy.clone().oneshot(get("/waiter")));
    assert!(poll_once(&mut waiter).await.is_none());
    exchanges.pop().unwrap().answer("hello");
    while proxy.connections().idle == 0 {
        tokio::task::yield_now().await;
    }
    // It has been told of the free place by now, and has not looked yet.
    drop(leaver);
    let waiter = tokio::spawn(waiter);
    let taken = upstream.next().await;
    assert_eq!(taken.request.uri().path(), "/waiter");
    taken.answer("hello");
    waiter.await.unwrap().unwrap();
    answer_all(exchanges);
    answers.join_all().await;
}

/// The output of the task, if it has one yet.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|cx| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(cx) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test]
async fn whoever_dials_may_leave_and_the_others_get_the_connection() {
    let bare = Bare::start().await;
    let proxy = proxy(http2(), &bare.target());
    let first = tokio::spawn({
        let proxy = proxy.clone();
        async move { ask(&proxy, "/").await }
    });
    let mut stream = bare.accept().await;
    let second = tokio::spawn({
        let proxy = proxy.clone();
        async move { send(&proxy, get("/")).await }
    });
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());

    stream.write_all(Bare::SETTINGS).await.unwrap();
    within("the preface", stream.read_exact(&mut [0; 24])).await.unwrap();
    super::upstream::read_head(&mut stream).await;
    stream.write_all(Bare::NO_CONTENT_1).await.unwrap();
    assert_eq!(second.await.unwrap().unwrap().status(), 204);
    assert_eq!(proxy.connections().created, 1);
}

#[tokio::test]
async fn a_failed_dial_fails_all_who_waited_for_it() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let proxy = proxy(http2(), &format!("http://{closed}"));
    let requests: JoinSet<_> = (0..20)
        .map(|_| proxy.clone())
        .map(|proxy| async move {
            let failed = send(&proxy, get("/")).await.unwrap_err();
            (failed.error().kind(), failed.request().is_some())
        })
        .collect();
    for failed in requests.join_all().await {
        assert_eq!(failed, (ErrorKind::ConnectionRefused, true), "unsent");
    }
    assert_eq!((proxy.connections().open, proxy.connections().created), (0, 1));
}

/// All streams of a connection except one belong to readers that have stopped reading.
#[tokio::test]
async fn a_reader_that_falls_asleep_stalls_no_other() {
    for streams in [NonZeroU32::new(100).unwrap(), NonZeroU32::new(150).unwrap()] {
        const BIG: usize = 2 << 20;
        let addr = big_answers(BIG).await;
        let proxy = proxy(http2().max_http2_streams(streams), &format!("http://{addr}"));
        let mut asleep = Vec::new();
        for _ in 1..streams.get() {
            asleep.push(send(&proxy, get("/")).await.unwrap().into_body());
        }
        for _ in 0..3 {
            assert_eq!(ask(&proxy, "/").await.len(), BIG);
        }
        assert_eq!(proxy.connections().open, 1);
        for body in asleep {
            assert!(!body.is_end_stream());
            assert_eq!(within("a late reader's body", body.collect()).await.unwrap().to_bytes().len(), BIG);
        }
    }
}

/// What is received for a reader that has stopped is bounded by the window of its stream.
#[tokio::test]
async fn a_reader_that_falls_asleep_has_its_window_and_no_more() {
    const WINDOW: usize = 256 << 10;
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(http2(), &upstream.target());
    let asking = tokio::spawn({
        let proxy = proxy.clone();
        async move { send(&proxy, get("/")).await.unwrap() }
    });
    let mut exchange = upstream.next().await;
    let mut body = exchange.respond.send_response(Response::new(()), false).unwrap();
    body.reserve_capacity(usize::MAX >> 1);
    let asleep = asking.await.unwrap();
    let mut sent = 0;
    while sent < WINDOW {
        let capacity =
            within("room", std::future::poll_fn(|cx| body.poll_capacity(cx))).await.unwrap().unwrap();
        body.send_data(vec![b'x'; capacity].into(), false).unwrap();
        sent += capacity;
    }
    assert_eq!(sent, WINDOW);
    // A round trip later it is still no more.
    let other = tokio::spawn(async move { ask(&proxy, "/").await });
    upstream.next().await.answer("hello");
    assert_eq!(other.await.unwrap(), "hello");
    assert_eq!(body.capacity(), 0);
    assert!(!asleep.into_body().is_end_stream());
}

/// An upstream that answers every request with this number of bytes, as fast as it may.
async fn big_answers(size: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let body = Bytes::from(vec![b'x'; size]);
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let answer = hyper::service::service_fn(move |_| {
            let body = body.clone();
            async move { Ok::<_, std::convert::Infallible>(Response::new(Full::new(body))) }
        });
        let executor = hyper_util::rt::TokioExecutor::new();
        let stream = hyper_util::rt::TokioIo::new(stream);
        hyper::server::conn::http2::Builder::new(executor).serve_connection(stream, answer).await
    });
    addr
}

/// On several threads: a place that becomes free between the search and the wait is not missed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_sleeps_while_there_is_room() {
    let mut upstream = Upstream::with_streams(1).await;
    let proxy = Arc::new(proxy(patient(), &upstream.target()));
    let ask = |proxy: Arc<Proxy>| async move {
        let however_long_all_take = Proxy::clone(&proxy).oneshot(get("/")).await;
        text(however_long_all_take.unwrap()).await
    };
    let answers: JoinSet<_> = (0..2000).map(|_| Arc::clone(&proxy)).map(ask).collect();
    for _ in 0..2000 {
        upstream.next().await.answer("hello");
    }
    assert_eq!(answers.join_all().await.len(), 2000);
    assert!(proxy.connections().created <= MOST_CONNECTIONS as u64, "{:?}", proxy.connections());
}
