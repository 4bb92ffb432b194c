//! Connections that are closed give their memory back.

use std::time::{Duration, Instant};

use gateway::serve::Limits;

use super::{MIB, Separate, demo};
use crate::support::raw::RawClient;

const CONNECTIONS: usize = 4000;
/// How much of what the connections took may still be in use after they are closed.
const KEPT: u64 = 5 * MIB;
const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn what_they_took_is_given_back() {
    let (_backend, upstream) = demo().await;
    let gateway = Separate::before(upstream).await;
    let connections =
        Limits { connections: CONNECTIONS, ..Limits::default() }.within_open_file_limit().connections;
    let before = gateway.rss();
    let mut clients = Vec::new();
    for _ in 0..connections {
        let mut client = RawClient::connect(gateway.addr).await;
        assert_eq!(client.get("/x").await.status(), 200);
        clients.push(client);
    }
    let taken = gateway.rss() - before;
    drop(clients);
    let left = Instant::now();
    let kept = || gateway.rss().saturating_sub(before);
    while kept() > KEPT && left.elapsed() < SOON {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (kept, after) = (kept(), left.elapsed());
    println!(
        "{connections} connections took {taken} bytes, and {kept} were kept {after:?} after they had left"
    );
    assert!(kept <= KEPT, "{kept} of {taken} bytes are kept after {after:?}");
    assert_eq!(RawClient::connect(gateway.addr).await.get("/x").await.status(), 200);
}
