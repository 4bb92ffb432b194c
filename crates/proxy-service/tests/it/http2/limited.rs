//! `max_connections`, where requests share connections.

use std::num::NonZeroU32;
use std::sync::Arc;

use h2::server::Builder;
use proxy_service::ErrorKind;
use tokio::task::JoinSet;

use super::failures::asking;
use super::upstream::Upstream;
use super::*;

fn limited(connections: u32, patience: Duration) -> ClientBuilder {
    http2().max_connections(NonZeroU32::new(connections).unwrap()).queue(1000, patience)
}

#[tokio::test]
async fn requests_wait_for_streams_when_there_may_be_no_more_connections() {
    let mut upstream = Upstream::with_streams(3).await;
    let proxy = proxy(limited(2, Duration::from_secs(60)), &upstream.target());
    let answers: JoinSet<_> =
        (0..60).map(|_| proxy.clone()).map(|proxy| async move { ask(&proxy, "/").await }).collect();
    for _ in 0..10 {
        let exchanges = upstream.take(6).await;
        assert!(exchanges.iter().all(|exchange| exchange.connection <= 2));
        assert_eq!(proxy.connections().open, 2);
        exchanges.into_iter().for_each(|exchange| exchange.answer("hello"));
    }
    assert_eq!(answers.join_all().await.len(), 60);
    assert_eq!(proxy.connections().created, 2);
}

#[tokio::test]
async fn one_that_ends_makes_room_for_the_next() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let client = limited(1, Duration::from_secs(60)).max_uses(NonZeroU32::new(2).unwrap());
    let proxy = proxy(client, &upstream.target());
    for number in 0..6 {
        let answer = asking(&proxy, get("/"));
        let exchange = upstream.next().await;
        assert_eq!(exchange.connection, 1 + number / 2);
        assert_eq!(proxy.connections().open, 1);
        exchange.answer("hello");
        assert_eq!(answer.await.unwrap(), Ok(200));
    }
}

#[tokio::test]
async fn who_waits_in_vain_is_told_so_and_comes_back_whole() {
    let mut upstream = Upstream::with_streams(1).await;
    let proxy = proxy(limited(1, Duration::from_millis(50)), &upstream.target());
    let held = asking(&proxy, get("/"));
    let exchange = upstream.next().await;
    assert_eq!(asking(&proxy, post("abc")).await.unwrap(), Err((ErrorKind::ConnectionLimitReached, true)));
    exchange.answer("hello");
    assert_eq!(held.await.unwrap(), Ok(200));
    let next = asking(&proxy, post("abc"));
    upstream.next().await.answer("hello");
    assert_eq!(next.await.unwrap(), Ok(200));
}

/// A runtime that has a connection closes it for another that has none.
#[test]
fn runtimes_make_room_for_each_other() {
    let runtime =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let runtimes = [runtime(), runtime()];
    let mut upstream = runtimes[0].block_on(Upstream::start(Builder::new()));
    let proxy = Arc::new(proxy(limited(1, Duration::from_secs(10)), &upstream.target()));
    for number in 0..6 {
        let here = &runtimes[number % 2];
        let proxy = Arc::clone(&proxy);
        let answer = here.spawn({
            let proxy = Arc::clone(&proxy);
            async move { ask(&proxy, "/").await }
        });
        let exchange = here.block_on(upstream.next());
        assert_eq!(exchange.connection, number + 1);
        assert_eq!(proxy.connections().open, 1);
        exchange.answer("hello");
        assert_eq!(here.block_on(answer).unwrap(), "hello");
    }
}
