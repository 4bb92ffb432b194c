//! How long a request waits for a place on a connection, and that this counts against no endpoint.

use std::num::NonZeroU32;

use h2::SendStream;
use proxy_service::{ErrorKind, Timeouts};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::failures::asking;
use super::sharing::MOST_CONNECTIONS;
use super::upstream::{Bare, Exchange, Upstream};
use super::*;

/// The time for the head of an answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// The time for a place.
const QUEUE: Duration = Duration::from_secs(5);

/// All places that there are, each taken by an answer that has not ended.
struct Full {
    upstream: Upstream,
    proxy: Proxy,
    answers: Vec<(Answer, SendStream<Bytes>)>,
}

/// No time passes while a test waits for sockets: as long as a task blocks, tokio does not move a paused clock.
async fn at_once<F: Future>(events: F) -> F::Output {
    let (_end, blocked) = std::sync::mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || blocked.recv_timeout(Duration::from_secs(20)));
    events.await
}

impl Full {
    /// A stream on each of the connections that the client may have, which are `connections`.
    async fn new(client: ClientBuilder, connections: usize) -> Self {
        let mut upstream = Upstream::with_streams(1).await;
        let proxy = impatient(client.queue(1000, QUEUE), &upstream.target());
        let mut answers = Vec::new();
        for _ in 0..connections {
            let answer = tokio::spawn({
                let proxy = proxy.clone();
                async move { send(&proxy, get("/")).await.unwrap() }
            });
            let mut exchange = upstream.next().await;
            let body = exchange.respond.send_response(Response::new(()), false).unwrap();
            answers.push((answer.await.unwrap(), body));
        }
        assert_eq!(proxy.connections().open, connections);
        Self { upstream, proxy, answers }
    }

    /// One connection, by the limit of the client.
    async fn of_one() -> Self {
        at_once(Self::new(http2().max_connections(NonZeroU32::MIN), 1)).await
    }

    /// The most connections that there may be without a limit of the client.
    async fn of_all() -> Self {
        at_once(Self::new(http2(), MOST_CONNECTIONS)).await
    }

    fn ask(&self) -> JoinHandle<Result<u16, (ErrorKind, bool)>> {
        asking(&self.proxy, post("abc"))
    }

    /// Ends one of the answers, so that the waiting request gets its place.
    async fn make_room(&mut self) -> Exchange {
        let (answer, mut body) = self.answers.pop().unwrap();
        body.send_data(Bytes::new(), true).unwrap();
        within("the end", answer.into_body().collect()).await.unwrap();
        self.upstream.next().await
    }
}

fn impatient(client: ClientBuilder, target: &str) -> Proxy {
    let timeouts = Timeouts { response_head: PATIENCE, ..Timeouts::default() };
    ProxyLayer::new(target.parse().unwrap()).timeouts(timeouts).layer(client.build())
}

#[tokio::test(start_paused = true)]
async fn in_vain_it_is_nobodys_failure() {
    let both = [Full::of_one().await, Full::of_all().await];
    for full in both {
        let begun = Instant::now();
        assert_eq!(full.ask().await.unwrap(), Err((ErrorKind::ConnectionLimitReached, true)));
        assert!((QUEUE..QUEUE + PATIENCE).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    }
}

/// Once it is sent, the upstream has the full time for its answer, and not more.
#[tokio::test(start_paused = true)]
async fn the_upstreams_time_begins_when_it_is_asked() {
    let both = [Full::of_one().await, Full::of_all().await];
    for mut full in both {
        let waits = full.ask();
        sleep(PATIENCE * 2).await;
        let exchange = at_once(full.make_room()).await;
        sleep(PATIENCE * 2 / 3).await;
        exchange.answer("hello");
        assert_eq!(at_once(waits).await.unwrap(), Ok(200));

        let begun = Instant::now();
        let unanswered = asking(&full.proxy, get("/")).await.unwrap();
        assert_eq!(unanswered, Err((ErrorKind::HttpResponseTimeout, false)));
        assert!((PATIENCE..PATIENCE * 3 / 2).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    }
}

/// However many requests there are, and whichever of them had a connection made.
#[tokio::test(start_paused = true)]
async fn each_waits_as_long_as_it_may() {
    let both = [Full::of_one().await, Full::of_all().await];
    for full in both {
        let mut waiting = Vec::new();
        for _ in 0..4 {
            waiting.push((Instant::now(), full.ask()));
            sleep(QUEUE / 3).await;
        }
        for (begun, answer) in waiting {
            assert_eq!(answer.await.unwrap(), Err((ErrorKind::ConnectionLimitReached, true)));
            assert!(begun.elapsed() >= QUEUE);
        }
        let begun = Instant::now();
        let (_early, ()) = (full.ask(), sleep(QUEUE * 2 / 3).await);
        assert_eq!(full.ask().await.unwrap(), Err((ErrorKind::ConnectionLimitReached, true)));
        let waited = begun.elapsed() - QUEUE * 2 / 3;
        assert!((QUEUE..QUEUE + QUEUE / 4).contains(&waited), "{waited:?}");
    }
}

/// Accepting connections is the task of the upstream, so that counts against it.
#[tokio::test(start_paused = true)]
async fn a_connection_that_is_being_made_is_not_waited_for_longer() {
    let bare = Bare::start().await;
    let client = http2().connect_timeout(3 * PATIENCE).max_connections(NonZeroU32::MIN).queue(1000, QUEUE);
    let proxy = impatient(client, &bare.target());
    let begun = Instant::now();
    let asked = [asking(&proxy, post("abc")), asking(&proxy, post("abc"))];
    let _silent = at_once(bare.accept()).await;
    for answer in asked {
        assert_eq!(answer.await.unwrap(), Err((ErrorKind::HttpResponseTimeout, false)));
    }
    assert!((PATIENCE..PATIENCE * 3 / 2).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}
