//! Shutting down.

use std::time::{Duration, Instant};

use gateway::serve::{Limits, Report, Shutdown, signals};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::support::*;

/// What counts as "at once" on a loaded machine.
const AT_ONCE: Duration = millis(500);

#[tokio::test]
async fn idle_connections_are_closed_at_once_and_new_ones_refused() {
    let served = start(Limits::default()).await;
    let mut used = served.connect().await;
    ask(&mut used, &get("/a"), "/a").await;
    let mut posted = served.connect().await;
    ask(&mut posted, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab", "\r\n\r\nab").await;
    let mut silent = served.connect().await;
    happened(&served.app.accepted, 3).await;

    let since = Instant::now();
    served.shutdown.begin();
    assert_eq!(read_to_end(&mut used).await, "");
    assert_eq!(read_to_end(&mut posted).await, "");
    assert_eq!(read_to_end(&mut silent).await, "");
    assert!(TcpStream::connect(served.address).await.is_err());
    // The clients' ends are still open: the server does not wait for them.
    assert_eq!(served.report().await, Report { drained: 3, aborted: 0 });
    assert!(since.elapsed() < AT_ONCE, "{:?}", since.elapsed());
}

#[tokio::test]
async fn requests_in_flight_finish_and_close() {
    let (served, mut client) = with_a_stuck_request(Limits::default()).await;
    let mut idle = served.connect().await;
    ask(&mut idle, &get("/a"), "/a").await;
    served.shutdown.begin();
    // All connections are told at the same time.
    assert_eq!(read_to_end(&mut idle).await, "");
    served.app.go.add_permits(1);
    let answer = read_to_end(&mut client).await;
    assert!(answer.contains("connection: close") && answer.ends_with("waited"), "{answer}");
    assert_eq!(served.report().await, Report { drained: 2, aborted: 0 });
}

#[tokio::test]
async fn http2_requests_in_flight_finish_after_a_goaway() {
    let served = start(Limits::default()).await;
    let (mut requests, connection) = h2::client::handshake(served.connect().await).await.unwrap();
    let connection = tokio::spawn(connection);
    let wait = || http::Request::get(format!("http://{}/wait", served.address)).body(()).unwrap();
    let (answer, _) = requests.send_request(wait(), true).unwrap();
    happened(&served.app.waiting, 1).await;
    served.shutdown.begin();
    // The client has been told when it takes no more requests.
    while let Ok(ready) = within_patience(requests.clone().ready()).await {
        drop(ready);
        tokio::task::yield_now().await;
    }
    served.app.go.add_permits(1);
    assert_eq!(within_patience(answer).await.unwrap().status(), 200);
    within_patience(connection).await.unwrap().expect("no error");
    assert_eq!(served.report().await, Report { drained: 1, aborted: 0 });
}

#[tokio::test]
async fn what_is_left_at_the_deadline_is_aborted() {
    let limits = Limits { shutdown: millis(300), ..Limits::default() };
    let (served, mut stuck) = with_a_stuck_request(limits).await;
    let since = Instant::now();
    served.shutdown.begin();
    assert_eq!(read_to_end(&mut stuck).await, "");
    assert!(since.elapsed() > millis(290) && since.elapsed() < millis(300) + AT_ONCE);
    assert_eq!(served.report().await, Report { drained: 0, aborted: 1 });
}

#[tokio::test]
async fn the_second_step_aborts_at_once() {
    let (served, mut stuck) = with_a_stuck_request(Limits::default()).await;
    let since = Instant::now();
    served.shutdown.escalate();
    assert!(served.shutdown.has_begun());
    served.shutdown.escalate();
    assert_eq!(read_to_end(&mut stuck).await, "");
    assert_eq!(served.report().await, Report { drained: 0, aborted: 1 });
    assert!(since.elapsed() < AT_ONCE, "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_shutdown_never_goes_back() {
    let shutdown = Shutdown::new();
    shutdown.abort();
    shutdown.begin();
    within_patience(shutdown.aborted()).await;
}

#[tokio::test]
async fn signals_drive_it() {
    let shutdown = Shutdown::new();
    signals(shutdown.clone()).unwrap();
    let signal = |name: &str| {
        let own = std::process::id().to_string();
        assert!(std::process::Command::new("kill").args([name, &own]).status().unwrap().success());
    };
    assert!(!shutdown.has_begun());
    signal("-TERM");
    within_patience(shutdown.begun()).await;
    signal("-INT");
    within_patience(shutdown.aborted()).await;
}

async fn with_a_stuck_request(limits: Limits) -> (Served, TcpStream) {
    let served = start(limits).await;
    let mut stuck = served.connect().await;
    stuck.write_all(get("/wait").as_bytes()).await.unwrap();
    happened(&served.app.waiting, 1).await;
    (served, stuck)
}
