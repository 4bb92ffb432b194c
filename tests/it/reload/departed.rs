//! What goes on of a route or an upstream that is gone: to its end, but not for ever.

use std::time::Duration;

use super::over;
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script, Step};
use crate::support::within;

/// A Close frame for the client, with the status 1001.
const GOING_AWAY: [u8; 4] = [0x88, 2, 0x03, 0xe9];
const UPGRADE: &str =
    "GET /api/ws HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const SOON: &str = "timeouts.drain = \"300ms\"";
/// A masked frame with the text `a`, and what comes back of it.
const ASKED: [u8; 7] = [0x81, 0x81, 0, 0, 0, 0, b'a'];

async fn tunnelled() -> RecordingUpstream {
    RecordingUpstream::start(|_| Script::upgrade("websocket", b"")).await
}

async fn switched(gateway: &TestGateway) -> RawClient {
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(UPGRADE).await;
    assert_eq!(client.response_head("GET").await.status(), 101);
    works(&mut client).await;
    client
}

async fn works(client: &mut RawClient) {
    client.send(ASKED).await;
    assert_eq!(client.bytes(ASKED.len()).await, ASKED, "the upstream echoes");
}

async fn is_told_to_go(mut client: RawClient) {
    assert_eq!(client.bytes(4).await, GOING_AWAY);
    within("the end of the tunnel", client.rest()).await;
}

#[tokio::test]
async fn a_tunnel_of_a_removed_route_is_closed_after_a_while() {
    let (upstream, kept) = (tunnelled().await, tunnelled().await);
    let both = over(&[upstream.addr()], SOON);
    let other =
        format!("[pools.kept]\nupstreams = [\"{}\"]\n[routes.\"/kept\"]\npool = \"kept\"\n", kept.url());
    let gateway = TestGateway::start(&(both + &other));
    let (mut leaving, mut staying) = (switched(&gateway).await, RawClient::connect(gateway.addr).await);
    staying.send(UPGRADE.replace("/api", "/kept")).await;
    assert_eq!(staying.response_head("GET").await.status(), 101);

    gateway.apply(&format!("{SOON}\n{other}")).await.unwrap();
    works(&mut leaving).await;
    is_told_to_go(leaving).await;
    works(&mut staying).await;
}

#[tokio::test]
async fn a_tunnel_of_a_removed_upstream_as_well() {
    let (one, two) = (tunnelled().await, tunnelled().await);
    let gateway = TestGateway::start(&over(&[one.addr(), two.addr()], SOON));
    let (first, second) = (switched(&gateway).await, switched(&gateway).await);
    assert_eq!((one.requests().len(), two.requests().len()), (1, 1));
    gateway.apply(&over(&[two.addr()], SOON)).await.unwrap();
    is_told_to_go(first).await;
    let mut second = second;
    works(&mut second).await;
}

#[tokio::test]
async fn a_stream_of_a_removed_route_is_cut_off_after_a_while() {
    let upstream = RecordingUpstream::start(|_| {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let chunks = "1\r\na\r\n".repeat(10_000);
        let send = Script::default().then(Step::Send(head.into()));
        send.then(Step::Trickle(chunks.into(), Duration::from_millis(5)))
    })
    .await;
    let gateway = TestGateway::start(&over(&[upstream.addr()], SOON));
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("GET /api/x HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let mut response = client.response_head("GET").await;
    client.until(&mut response, "aaa").await;
    gateway.apply(&over(&[upstream.addr()], SOON).replace("/api", "/new")).await.unwrap();
    client.until(&mut response, "aaaa").await;
    within("the end of the stream", client.rest()).await;
}
