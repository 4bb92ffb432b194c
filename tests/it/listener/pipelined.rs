//! Requests that a client sends before it has the answer to the one ahead of them.

use std::time::{Duration, Instant};

use gateway::serve::Limits;
use tokio::io::AsyncWriteExt as _;

use super::support::*;

const HEAD: Duration = millis(400);
/// How much a loaded machine may add.
const SLACK: Duration = millis(900);

/// It has the time of a head, and not that of an idle connection, whether it stopped before the answer ahead of it or
/// after.
#[tokio::test]
async fn a_head_that_stops_behind_another_request_is_closed() {
    let limits =
        Limits { request_head: HEAD, keep_alive_idle: Duration::from_secs(3600), ..Limits::default() };
    for begun in ["G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\n"] {
        let served = start(limits).await;
        let mut client = served.connect().await;
        let since = Instant::now();
        ask(&mut client, &format!("{}{begun}", get("/first")), "/first").await;
        assert_eq!(read_to_end(&mut client).await, "", "{begun:?}");
        let lived = since.elapsed();
        assert!(lived > HEAD / 2 && lived < HEAD + SLACK, "{begun:?}: {lived:?}");
    }
}

/// While an answer is awaited, the part of a head behind it isn't a head that stops: it is read later.
#[tokio::test]
async fn a_head_behind_a_slow_request_has_time() {
    let limits = Limits { request_head: HEAD, ..Limits::default() };
    let served = start(limits).await;
    let mut client = served.connect().await;
    client.write_all(format!("{}GET /next HT", get("/wait")).as_bytes()).await.unwrap();
    happened(&served.app.waiting, 1).await;
    tokio::time::sleep(HEAD * 2).await;
    served.app.go.add_permits(1);
    read_until(&mut client, "waited").await;
    ask(&mut client, "TP/1.1\r\nHost: a\r\n\r\n", "/next").await;
}

/// The request that nobody waits for ends, though the listener has not read all that came behind it.
#[tokio::test]
async fn a_client_that_left_is_noticed_behind_its_requests() {
    for behind in [1, 100] {
        let served = start(Limits::default()).await;
        let mut client = served.connect().await;
        client.write_all((get("/wait") + &get("/next").repeat(behind)).as_bytes()).await.unwrap();
        happened(&served.app.waiting, 1).await;
        let since = Instant::now();
        drop(client);
        happened(&served.app.dropped, 1).await;
        assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    }
}
