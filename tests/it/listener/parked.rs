//! A connection that is idle is parked: its socket stays open, its state and buffers are dropped, and the client
//! notices nothing.

use std::io::ErrorKind;
use std::sync::mpsc;
use std::time::Duration;

use gateway::serve::{Limits, Report};
use proptest::prelude::*;
use proptest::sample::select;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::{advance, pause};

use super::limits::assert_status;
use super::support::*;

/// Longer than any connection is idle before it is parked.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a connection is idle that has just been accepted, or has just been used again.
const SOONEST: Duration = millis(50);
/// Timers have a resolution of a millisecond.
const TICK: Duration = millis(2);

/// A clock that stands still unless a test moves it. tokio's own paused clock does not wait for sockets: it runs on
/// while bytes are on their way. It does not run while there is a blocking task.
struct Clock {
    _stopped: mpsc::Sender<()>,
}

impl Clock {
    fn stopped() -> Self {
        pause();
        let (stopped, released) = mpsc::channel::<()>();
        // A test that hangs still ends.
        spawn_blocking(move || released.recv_timeout(PATIENCE));
        Self { _stopped: stopped }
    }

    /// By then every task has done what it had to do.
    async fn pass(&self, time: Duration) {
        advance(time).await;
        for _ in 0..8 {
            yield_now().await;
        }
    }
}

fn echo(body: &str) -> String {
    format!("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// A client whose connection was parked after one request.
async fn parked(served: &Served, clock: &Clock) -> TcpStream {
    let mut client = served.connect().await;
    ask(&mut client, &get("/first"), "/first").await;
    clock.pass(PAUSE).await;
    client
}

#[tokio::test]
async fn it_goes_on_as_the_same_connection() {
    let clock = Clock::stopped();
    let served = start(Limits::default()).await;
    let mut client = parked(&served, &clock).await;
    let local = client.local_addr().unwrap().to_string();
    for _ in 0..3 {
        ask(&mut client, &get("/peer"), &local).await;
        clock.pass(PAUSE).await;
        ask(&mut client, &echo("body"), "\r\n\r\nbody").await;
        clock.pass(PAUSE).await;
        let old = "GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
        assert_status(200, &ask(&mut client, old, "/old").await);
        clock.pass(PAUSE).await;
    }
    client.write_all(get_and_close("/last").as_bytes()).await.unwrap();
    assert!(read_to_end(&mut client).await.ends_with("/last"));
    assert_eq!(served.app.accepted.available_permits(), 1);
}

/// By then the first part of the head was read, or no byte of it, or all of it.
#[tokio::test]
async fn a_head_cut_by_parking_is_whole() {
    let clock = Clock::stopped();
    let served = start(Limits::default()).await;
    let mut client = served.connect().await;
    let (first, second) = (get("/first"), echo("second"));
    for cut in 0..second.len() {
        let (before, after) = second.split_at(cut);
        ask(&mut client, &format!("{first}{before}"), "/first").await;
        clock.pass(PAUSE).await;
        ask(&mut client, after, "\r\n\r\nsecond").await;
    }
}

#[tokio::test]
async fn a_request_may_come_at_the_moment_of_parking() {
    let clock = Clock::stopped();
    let served = start(Limits::default()).await;
    for early in 0..10 {
        let mut client = parked(&served, &clock).await;
        ask(&mut client, &get("/second"), "/second").await;
        clock.pass(SOONEST + millis(5) - millis(early)).await;
        ask(&mut client, &get("/third"), "/third").await;
    }
}

#[tokio::test]
async fn an_unread_answer_is_not_parked() {
    let clock = Clock::stopped();
    let served = start(Limits::default()).await;
    let mut client = served.connect().await;
    let body = "x".repeat(16 << 20);
    client.write_all(echo(&body).as_bytes()).await.unwrap();
    clock.pass(PAUSE * 3).await;
    let head = read_until(&mut client, "\r\n\r\n").await;
    assert_status(200, &head);
    let mut answer = vec![0; body.len()];
    within_patience(client.read_exact(&mut answer)).await.unwrap();
    assert!(answer == body.as_bytes());
    ask(&mut client, &get("/next"), "/next").await;
}

/// Many clients offer HTTP/2 in their first request, in an upgrade that nobody takes up.
#[tokio::test]
async fn it_may_have_asked_for_an_upgrade_and_not_got_it() {
    let clock = Clock::stopped();
    let served = start(Limits::default()).await;
    let mut client = served.connect().await;
    let asking = |path| get(path).replace("\r\n\r\n", "\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
    for _ in 0..3 {
        assert_status(200, &ask(&mut client, &asking("/first"), "/first").await);
        clock.pass(PAUSE).await;
        assert_open(&client);
        ask(&mut client, &echo("body"), "\r\n\r\nbody").await;
        clock.pass(PAUSE).await;
        assert_open(&client);
    }
    let body = "x".repeat(16 << 20);
    ask(&mut client, &asking("/second"), "/second").await;
    client.write_all(echo(&body).as_bytes()).await.unwrap();
    clock.pass(PAUSE * 3).await;
    assert_status(200, &read_until(&mut client, "\r\n\r\n").await);
    let mut answer = vec![0; body.len()];
    within_patience(client.read_exact(&mut answer)).await.unwrap();
    assert!(answer == body.as_bytes(), "an answer that was not read at once");

    assert_status(101, &ask(&mut client, &asking("/upgrade"), "\r\n\r\n").await);
    clock.pass(PAUSE).await;
    ask(&mut client, "ping", "ping").await;
}

#[tokio::test]
async fn idling_counts_from_the_last_answer() {
    let clock = Clock::stopped();
    for idle in [millis(20), SOONEST, Duration::from_secs(75)] {
        let served = start(Limits { keep_alive_idle: idle, ..Limits::default() }).await;
        let mut client = served.connect().await;
        for path in ["/first", "/second"] {
            ask(&mut client, &get(path), path).await;
            clock.pass(idle - TICK).await;
            assert_open(&client);
        }
        clock.pass(TICK * 2).await;
        assert_eq!(read_to_end(&mut client).await, "");
    }
}

#[tokio::test]
async fn the_next_head_has_its_own_time() {
    let clock = Clock::stopped();
    let limits = Limits { request_head: Duration::from_secs(2), ..Limits::default() };
    let served = start(limits).await;
    let mut client = parked(&served, &clock).await;
    client.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    clock.pass(Duration::ZERO).await;
    clock.pass(limits.request_head - TICK).await;
    assert_open(&client);
    clock.pass(TICK * 2).await;
    assert_eq!(read_to_end(&mut client).await, "");
}

#[tokio::test]
async fn a_shutdown_closes_it_at_once() {
    let clock = Clock::stopped();
    let served = start(Limits::default()).await;
    let mut clients = [parked(&served, &clock).await, parked(&served, &clock).await];
    served.shutdown.begin();
    for client in &mut clients {
        assert_eq!(read_to_end(client).await, "");
    }
    assert_eq!(served.report().await, Report { drained: 2, aborted: 0 });
}

#[tokio::test]
async fn a_request_that_comes_with_the_shutdown_is_answered() {
    let clock = Clock::stopped();
    let served = start(Limits::default()).await;
    let mut client = parked(&served, &clock).await;
    client.write_all(get("/last").as_bytes()).await.unwrap();
    yield_now().await;
    served.shutdown.begin();
    let answer = read_to_end(&mut client).await;
    assert!(answer.ends_with("/last"), "{answer}");
}

#[tokio::test]
async fn it_keeps_its_place_until_its_client_leaves() {
    let clock = Clock::stopped();
    for is_reset in [false, true] {
        let served = start(Limits { connections: 1, ..Limits::default() }).await;
        let client = parked(&served, &clock).await;
        happened(&served.app.accepted, 1).await;
        let mut waiting = served.connect().await;
        waiting.write_all(get("/waited").as_bytes()).await.unwrap();
        clock.pass(PAUSE).await;
        assert_eq!(served.app.accepted.available_permits(), 0);

        if is_reset {
            client.set_zero_linger().unwrap();
        }
        drop(client);
        read_until(&mut waiting, "/waited").await;
    }
}

#[tokio::test]
async fn two_framings_are_still_refused() {
    let clock = Clock::stopped();
    let twice = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nno";
    for cut in 0..twice.len() {
        let served = start(Limits::default()).await;
        let mut client = parked(&served, &clock).await;
        let (before, after) = twice.split_at(cut);
        ask(&mut client, &(echo("fine") + before), "\r\n\r\nfine").await;
        clock.pass(PAUSE).await;
        client.write_all(after.as_bytes()).await.unwrap();
        assert_status(400, &read_to_end(&mut client).await);
    }
}

#[tokio::test]
async fn it_stays_http_1() {
    let clock = Clock::stopped();
    let served = start(Limits::default()).await;
    let mut client = parked(&served, &clock).await;
    client.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let answer = read_to_end(&mut client).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 505 "), "{answer:?}");
}

#[tokio::test]
async fn a_tunnel_is_never_parked() {
    let clock = Clock::stopped();
    let served = start(Limits::default()).await;
    let mut client = parked(&served, &clock).await;
    let upgrade = "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
    assert_status(101, &ask(&mut client, upgrade, "\r\n\r\n").await);
    for _ in 0..3 {
        clock.pass(PAUSE).await;
        ask(&mut client, "ping", "ping").await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No byte is lost, doubled or out of order, wherever the stream of requests is cut and however long each pause is.
    #[test]
    fn requests_survive_every_pause(
        pieces in prop::collection::vec((0_usize..80, select(vec![0, 1, 49, 50, 51, 600])), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(all_are_answered(&pieces));
    }
}

async fn all_are_answered(pieces: &[(usize, u64)]) {
    const REQUESTS: usize = 12;
    let clock = Clock::stopped();
    let bodies: Vec<String> = (0..REQUESTS).map(|n| format!("<{n}:{}>", "x".repeat(n * 7))).collect();
    let mut requests: String = bodies.iter().map(|body| echo(body)).collect();
    requests += &get_and_close("/end");
    let served = start(Limits::default()).await;
    let mut client = served.connect().await;
    let mut rest = requests.as_str();
    for (length, pause) in pieces {
        let (piece, after) = rest.split_at((*length).min(rest.len()));
        client.write_all(piece.as_bytes()).await.unwrap();
        rest = after;
        clock.pass(millis(*pause)).await;
    }
    client.write_all(rest.as_bytes()).await.unwrap();
    let answers = read_to_end(&mut client).await;
    let answered: Vec<&str> = answers.split("HTTP/1.1 200 OK").skip(1).collect();
    assert_eq!(answered.len(), REQUESTS + 1, "{answers}");
    for (answer, body) in answered.iter().zip(bodies.iter().map(String::as_str).chain(["/end"])) {
        assert!(answer.ends_with(&format!("\r\n\r\n{body}")), "{answers}");
    }
}

#[track_caller]
fn assert_open(client: &TcpStream) {
    let read = client.try_read(&mut [0]);
    assert_eq!(read.map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
}
