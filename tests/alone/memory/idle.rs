//! Clients that keep their connection open and send nothing more.

use std::time::{Duration, Instant};

use gateway::serve::Limits;

use super::{Separate, demo};
use crate::support::PATIENCE;
use crate::support::raw::RawClient;

const CONNECTIONS: usize = 2000;
/// The most that an idle connection may take in the gateway. The kernel's share is not counted.
const EACH: u64 = 8 << 10;

const AT_ONCE: usize = 50;
/// More than twice the shortest time after which a connection is parked.
const TO_FALL_IDLE: Duration = Duration::from_millis(120);

#[tokio::test]
async fn an_idle_connection_costs_little() {
    let (_backend, upstream) = demo().await;
    let gateway = Separate::before(upstream).await;
    let connections =
        Limits { connections: CONNECTIONS, ..Limits::default() }.within_open_file_limit().connections;
    let before = gateway.rss();
    let mut idle = Vec::new();
    for number in 0..connections {
        let mut client = RawClient::connect(gateway.addr).await;
        assert_eq!(client.get("/x").await.status(), 200);
        idle.push(client);
        if number % AT_ONCE == 0 {
            // Not every allocator gives memory back that was in use once, so only a few connections are busy at a time.
            tokio::time::sleep(TO_FALL_IDLE).await;
        }
    }
    let each = || gateway.rss().saturating_sub(before) / connections as u64;
    let (began, busy) = (Instant::now(), each());
    while each() > EACH && began.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let each = each();
    println!("{connections} idle connections: {each} bytes each; {busy} right after the last answer");
    assert!(each <= EACH, "{each} bytes each");
    for client in &mut idle {
        assert_eq!(client.get("/x").await.status(), 200);
    }
}
