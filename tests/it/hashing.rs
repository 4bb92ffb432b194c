//! `balance = { hash = … }`: requests with the same key go to the same upstream, and when an upstream leaves, only its
//! own keys move.

mod keys;
mod leaving;

use std::net::{IpAddr, Ipv4Addr};

use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::relay::get;

/// Enough keys that each of three upstreams has some, and some move to each other upstream, except once in 10^8 runs.
const KEYS: u8 = 120;

/// An upstream that answers with its number.
async fn upstream(number: usize) -> RecordingUpstream {
    RecordingUpstream::start(move |_| Script::ok(number.to_string())).await
}

/// Three upstreams, and a gateway that hashes. `head` holds top-level keys. No upstream is ejected.
async fn hashing(hash: &str, head: &str) -> (TestGateway, [RecordingUpstream; 3]) {
    let upstreams = [upstream(0).await, upstream(1).await, upstream(2).await];
    let urls = upstreams.each_ref().map(|upstream| format!("\"{}\"", upstream.url())).join(", ");
    let gateway = TestGateway::start(&format!(
        "{head}\n[pools.api]\nupstreams = [{urls}]\nbalance = {{ hash = \"{hash}\" }}\n\
         failover = 2\noutliers = false\n[routes.\"/api\"]\npool = \"api\"\n"
    ));
    (gateway, upstreams)
}

/// The number of the upstream that gets a request with that header line, on a connection of its own.
async fn owner(gateway: &TestGateway, line: &str) -> usize {
    owner_of(RawClient::connect(gateway.addr).await, line).await
}

async fn owner_of(mut client: RawClient, line: &str) -> usize {
    client.send(get("/api/x", &[line])).await;
    let response = client.response().await;
    assert_eq!(response.status(), 200, "{line}: {response:?}");
    response.text().parse().unwrap()
}

/// The upstream of each key; `line` makes the header line for a key.
async fn owners(gateway: &TestGateway, line: impl Fn(u8) -> String) -> Vec<usize> {
    let mut owners = Vec::new();
    for key in 0..KEYS {
        owners.push(owner(gateway, &line(key)).await);
    }
    owners
}

fn assert_all_have_some(owners: &[usize]) {
    assert!((0..3).all(|upstream| owners.contains(&upstream)), "{owners:?}");
}

/// An address of this machine's own.
fn loopback(last: u8) -> IpAddr {
    Ipv4Addr::new(127, 0, 1, last).into()
}
