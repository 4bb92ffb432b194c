//! Which connection a request goes on, and when connections are closed.

use std::num::NonZeroU32;
use std::time::Duration;

use http_body_util::BodyExt;
use proxy_service::ClientBuilder;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::support::numbered::{Event, Proxy, Upstream, ask, connection_of, post};

const IDLE_TIMEOUT: Duration = Duration::from_secs(8);
/// How often the pool looks for idle connections, with that timeout.
const ROUND: Duration = Duration::from_secs(1);

fn client() -> ClientBuilder {
    ClientBuilder::new().idle_timeout(IDLE_TIMEOUT)
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_in_time() {
    let mut upstream = Upstream::new().await;
    let proxy = upstream.proxy(client());
    assert_eq!(connection_of(&proxy, "/").await, 0);
    let begun = Instant::now();
    upstream.until(Event::Closed(0)).await;
    let idle = begun.elapsed();
    assert!((IDLE_TIMEOUT - ROUND..=IDLE_TIMEOUT + ROUND).contains(&idle), "{idle:?}");
    assert_eq!((proxy.connections().open, proxy.connections().idle), (0, 0));
    assert_eq!(connection_of(&proxy, "/").await, 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_used_stays_open_and_what_is_not_needed_grows_old() {
    const BURST: usize = 10;
    let mut upstream = Upstream::new().await;
    let proxy = upstream.proxy(client());
    let mut burst = JoinSet::new();
    for _ in 0..BURST {
        let proxy = proxy.clone();
        burst.spawn(async move { connection_of(&proxy, "/held").await });
    }
    upstream.until_held(BURST).await;
    upstream.release(BURST);
    burst.join_all().await;
    assert_eq!(proxy.connections().idle, BURST);

    let newest = connection_of(&proxy, "/").await;
    for _ in 0..4 {
        tokio::time::sleep(IDLE_TIMEOUT / 2).await;
        assert_eq!(connection_of(&proxy, "/").await, newest);
    }
    let counts = proxy.connections();
    assert_eq!((counts.open, counts.idle, counts.created, counts.reused), (1, 1, BURST as u64, 5));
}

#[tokio::test]
async fn a_connection_has_as_many_uses_as_it_may() {
    let upstream = Upstream::new().await;
    let proxy = upstream.proxy(client().max_uses(NonZeroU32::new(3).unwrap()));
    let mut numbers = Vec::new();
    for _ in 0..7 {
        numbers.push(connection_of(&proxy, "/").await);
    }
    assert_eq!(numbers, [0, 0, 0, 1, 1, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_used_all_the_time_ends_by_its_age() {
    const AGE: Duration = Duration::from_secs(60);
    let mut upstream = Upstream::new().await;
    let proxy = upstream.proxy(client().max_age(AGE));
    let begun = Instant::now();
    while connection_of(&proxy, "/").await == 0 {
        tokio::time::sleep(ROUND).await;
    }
    let age = begun.elapsed();
    let expected = AGE.mul_f64(0.9)..=AGE.mul_f64(1.1) + 2 * ROUND;
    assert!(expected.contains(&age), "{age:?}");
    upstream.until(Event::Closed(0)).await;
}

/// `max_idle` matters after a burst: the connections above it are closed at once.
#[tokio::test]
async fn no_more_idle_connections_than_are_kept() {
    let mut upstream = Upstream::new().await;
    let proxy = upstream.proxy(client().max_idle(1));
    let (_, _, ()) = tokio::join!(ask(&proxy, "/held"), ask(&proxy, "/held"), async {
        upstream.until_held(2).await;
        upstream.release(2);
    });
    assert_eq!((proxy.connections().open, proxy.connections().idle), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_the_upstream_closed_is_let_go() {
    let upstream = Upstream::new().await;
    let proxy = upstream.proxy(client());
    connection_of(&proxy, "/").await;
    upstream.hang_up();
    tokio::time::sleep(2 * ROUND).await;
    assert_eq!((proxy.connections().open, proxy.connections().idle), (0, 0));
}

/// Before the pool has noticed: the request finds out, and nothing of it was sent.
#[tokio::test]
async fn a_post_goes_on_no_connection_that_is_known_to_be_closed() {
    let mut upstream = Upstream::new().await;
    let proxy = upstream.proxy(client());
    for number in (0..20).step_by(2) {
        let (head, body) = post(&proxy).await;
        assert_eq!((head.status.as_u16(), body), (200, number.to_string()));
        upstream.hang_up();
        upstream.until(Event::HungUp(number)).await;
        // The system reports sockets in order, so by now it has reported the one that was closed.
        connection_of(&upstream.proxy(client()), "/").await;
    }
}

#[tokio::test]
async fn with_its_service_the_idle_connections_of_an_upstream_end_and_the_others_when_they_are_done() {
    let mut upstream = Upstream::new().await;
    let proxy = upstream.proxy(client());
    let half = start(&proxy, "/half").await;
    let held = tokio::spawn(start(&proxy, "/held"));
    upstream.until_held(2).await;
    assert_eq!((connection_of(&proxy, "/").await, proxy.connections().idle), (2, 1));

    drop(proxy);
    upstream.until(Event::Closed(2)).await;
    assert!(upstream.events.try_recv().is_err(), "one that is in use was closed");
    upstream.release(2);
    let both = [half, held.await.unwrap()];
    for under_way in both {
        under_way.into_body().collect().await.unwrap();
    }
    let closed = [upstream.events.recv().await.unwrap(), upstream.events.recv().await.unwrap()];
    assert!(closed.contains(&Event::Closed(0)) && closed.contains(&Event::Closed(1)), "{closed:?}");
}

/// The head of the answer. The service is dropped.
fn start(
    proxy: &Proxy,
    path: &str,
) -> impl Future<Output = http::Response<proxy_service::ProxyBody<proxy_service::ClientBody>>> + use<> {
    use tower::Service;

    let request = http::Request::get(path).header("host", "shop.example").body(Default::default()).unwrap();
    let answer = proxy.clone().call(request);
    async { answer.await.unwrap_or_else(|failed| panic!("{failed:?}")) }
}
