//! One shutdown ends all of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway::serve::Report;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::{gateway, one_each};
use crate::support::gateway::TestGateway;
use crate::support::raw::{Closed, RawClient};
use crate::support::recorder::{RecordingUpstream, Script, Step};
use crate::support::within;

const WORKERS: usize = 2;

#[tokio::test]
async fn downloads_are_finished_on_each() {
    let half = vec![b'x'; 1 << 20];
    let whole = Arc::new(Notify::new());
    let upstream = RecordingUpstream::start({
        let (half, whole) = (half.clone(), Arc::clone(&whole));
        move |_| {
            let begun = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 2 * half.len());
            Script::raw([begun.as_bytes(), &half].concat())
                .then(Step::AwaitSignal(Arc::clone(&whole)))
                .then(Step::Send(half.clone().into()))
        }
    })
    .await;
    let gateway = gateway(WORKERS, &upstream, "");
    let mut downloads = Vec::new();
    for mut client in one_each(&gateway, WORKERS).await {
        client.send("GET /api/big HTTP/1.1\r\nHost: test\r\n\r\n").await;
        let mut response = client.response_head("GET").await;
        while response.body.bytes.len() < half.len() {
            client.piece(&mut response).await.unwrap();
        }
        downloads.push((client, response));
    }
    gateway.shutdown.begin();
    closed_to_newcomers(gateway.addr).await;
    for (client, response) in &mut downloads {
        whole.notify_one();
        while client.piece(response).await.is_some() {}
        assert!(response.body.is_complete(), "{:?}", response.body.end);
        assert!(response.body.bytes == half.repeat(2), "the body was changed");
        client.expect_close().await;
    }
    let report = gateway.ended().await;
    assert!(report.drained >= WORKERS && report.aborted == 0, "{report:?}");
}

#[tokio::test]
async fn the_deadline_is_one() {
    let upstream = RecordingUpstream::start(|_| Script::silence()).await;
    let gateway = gateway(WORKERS, &upstream, "timeouts.shutdown = \"1s\"");
    let stuck = stuck_on_each(&gateway, &upstream).await;
    let since = Instant::now();
    gateway.shutdown.begin();
    let Report { aborted, .. } = gateway.ended().await;
    assert_eq!(aborted, WORKERS);
    assert!((Duration::from_secs(1)..Duration::from_millis(1900)).contains(&since.elapsed()));
    cut_off(stuck).await;
}

#[tokio::test]
async fn a_second_word_ends_all_at_once() {
    let upstream = RecordingUpstream::start(|_| Script::silence()).await;
    let gateway = gateway(WORKERS, &upstream, "timeouts.shutdown = \"1h\"");
    let stuck = stuck_on_each(&gateway, &upstream).await;
    gateway.shutdown.escalate();
    closed_to_newcomers(gateway.addr).await;
    gateway.shutdown.escalate();
    let Report { aborted, .. } = gateway.ended().await;
    assert_eq!(aborted, WORKERS);
    cut_off(stuck).await;
}

/// Tunnels stay open when the listeners are closed, on any thread, and are then closed in an orderly way.
#[tokio::test]
async fn tunnels_are_closed_on_each() {
    const SWITCHED: &str =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let upstream = RecordingUpstream::start(|_| Script::raw(SWITCHED).then(Step::AwaitSignal(never()))).await;
    let gateway = gateway(WORKERS, &upstream, "timeouts.shutdown = \"500ms\"");
    let mut tunnels = one_each(&gateway, WORKERS).await;
    for client in &mut tunnels {
        client
            .send("GET /api/ws HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
            .await;
        assert_eq!(client.response_head("GET").await.status(), 101);
    }
    gateway.shutdown.begin();
    for mut client in tunnels {
        assert_eq!(client.rest().await, (vec![0x88, 2, 0x03, 0xe9], Closed::Fin), "a Close frame");
    }
    assert_eq!(gateway.ended().await.aborted, WORKERS);
}

fn never() -> Arc<Notify> {
    Arc::default()
}

async fn stuck_on_each(gateway: &TestGateway, upstream: &RecordingUpstream) -> Vec<RawClient> {
    let mut clients = one_each(gateway, WORKERS).await;
    for client in &mut clients {
        client.send("GET /api/stuck HTTP/1.1\r\nHost: test\r\n\r\n").await;
    }
    upstream.wait_for_heads(WORKERS).await;
    clients
}

async fn cut_off(clients: Vec<RawClient>) {
    for mut client in clients {
        assert_eq!(client.rest().await.0, b"");
    }
}

/// The kernel accepts connections until the listener is closed: nothing else tells that it is.
async fn closed_to_newcomers(gateway: std::net::SocketAddr) {
    let asking = async {
        while TcpStream::connect(gateway).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    within("the listeners to close", asking).await;
}
