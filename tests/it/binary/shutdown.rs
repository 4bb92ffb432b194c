//! Shutdown by signals.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::Binary;
use crate::support::ask::{Client, GET, Protocol};
use crate::support::process::Signal;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script, Step};
use crate::support::within;

#[tokio::test]
async fn a_download_is_finished() {
    for signal in [Signal::Term, Signal::Int] {
        let half = vec![b'x'; 1 << 20];
        let go_on = Arc::new(Notify::new());
        let upstream = RecordingUpstream::start({
            let (half, go_on) = (half.clone(), Arc::clone(&go_on));
            move |_| {
                let begun = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 2 * half.len());
                Script::raw([begun.as_bytes(), &half].concat())
                    .then(Step::AwaitSignal(Arc::clone(&go_on)))
                    .then(Step::Send(half.clone().into()))
            }
        })
        .await;
        let mut gateway = Binary::over(&upstream, "").await;
        let mut client = RawClient::connect(gateway.addr).await;
        client.send("GET /api/big HTTP/1.1\r\nHost: test\r\n\r\n").await;
        let mut response = client.response_head("GET").await;
        while response.body.bytes.len() < half.len() {
            client.piece(&mut response).await.unwrap();
        }

        gateway.process.signal(signal).await;
        closed_to_newcomers(&gateway).await;
        go_on.notify_one();
        while client.piece(&mut response).await.is_some() {}
        assert!(response.body.is_complete(), "{signal:?}: {:?}", response.body.end);
        assert!(response.body.bytes == half.repeat(2), "{signal:?}: the body was changed");
        client.expect_close().await;
        assert_eq!(gateway.process.exit().await.code(), Some(0), "{:#?}", gateway.process.lines());
    }
}

/// A request that was sent before the signal is answered after it. Over HTTP/1.1 the answer says that it is the last.
#[tokio::test]
async fn requests_in_flight_are_answered() {
    let go_on = Arc::new(Notify::new());
    let upstream = RecordingUpstream::start({
        let go_on = Arc::clone(&go_on);
        move |_| {
            let Script(answer) = Script::ok("late");
            Script(std::iter::once(Step::AwaitSignal(Arc::clone(&go_on))).chain(answer).collect())
        }
    })
    .await;
    let mut gateway = Binary::over(&upstream, "").await;
    let asking: Vec<_> = [Protocol::Http1, Protocol::Http2]
        .into_iter()
        .map(|protocol| {
            let addr = gateway.addr;
            tokio::spawn(async move { Client::connect(protocol, addr).await.ask(GET, "/api/x").await })
        })
        .collect();
    upstream.wait_for_heads(2).await;
    gateway.process.signal(Signal::Term).await;
    closed_to_newcomers(&gateway).await;
    for (at, asked) in asking.into_iter().enumerate() {
        go_on.notify_one();
        go_on.notify_one();
        let answer = within("the answer", asked).await.unwrap().unwrap();
        assert_eq!((answer.status, answer.text().as_str(), answer.is_complete), (200, "late", true));
        assert_eq!(answer.field("connection"), (at == 0).then_some("close"));
    }
    assert_eq!(gateway.process.exit().await.code(), Some(0));
}

/// An idle connection does not delay the shutdown.
#[tokio::test]
async fn idle_connections_are_closed() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let mut gateway = Binary::over(&upstream, "[timeouts]\nshutdown = \"1h\"").await;
    let mut idle = RawClient::connect(gateway.addr).await;
    assert_eq!(idle.get("/readyz").await.text(), "ready\n");
    assert!(idle.get("/healthz").await.text().starts_with("alive\n"));
    assert_eq!(idle.get("/api/x").await.text(), "fine");
    let _silent = RawClient::connect(gateway.addr).await;
    gateway.process.signal(Signal::Term).await;
    idle.expect_close().await;
    assert_eq!(gateway.process.exit().await.code(), Some(0));
}

#[tokio::test]
async fn the_deadline_ends_what_is_stuck() {
    let upstream = RecordingUpstream::start(|_| Script::silence()).await;
    let mut gateway = Binary::over(&upstream, "[timeouts]\nshutdown = \"1s\"").await;
    let mut stuck = stuck(&gateway, &upstream).await;
    let signalled = Instant::now();
    gateway.process.signal(Signal::Term).await;
    let status = gateway.process.exit().await;
    assert!(signalled.elapsed() >= Duration::from_secs(1), "{:?}", signalled.elapsed());
    assert_eq!(status.code(), Some(0), "{:#?}", gateway.process.lines());
    let (answer, _) = stuck.rest().await;
    assert_eq!(answer.escape_ascii().to_string(), "");
    let stopped = gateway.process.line_with("stopped").await;
    assert!(stopped.contains("aborted=1"), "{stopped}");
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    for (first, second) in [(Signal::Term, Signal::Term), (Signal::Int, Signal::Term)] {
        let upstream = RecordingUpstream::start(|_| Script::silence()).await;
        let mut gateway = Binary::over(&upstream, "[timeouts]\nshutdown = \"1h\"").await;
        let _stuck = stuck(&gateway, &upstream).await;
        gateway.process.signal(first).await;
        // The kernel keeps only one pending signal of a kind, so the first must have been handled.
        closed_to_newcomers(&gateway).await;
        gateway.process.signal(second).await;
        assert_eq!(gateway.process.exit().await.code(), Some(0), "{:#?}", gateway.process.lines());
    }
}

async fn stuck(gateway: &Binary, upstream: &RecordingUpstream) -> RawClient {
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("GET /api/stuck HTTP/1.1\r\nHost: test\r\n\r\n").await;
    upstream.wait_for_heads(1).await;
    client
}

async fn closed_to_newcomers(gateway: &Binary) {
    let asking = async {
        while TcpStream::connect(gateway.addr).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    within("the listener to close", asking).await;
}
