//! How a tunnel ends: when either end half-closes or leaves, after a silence, at the gateway's shutdown.

use std::time::{Duration, Instant};

use gateway::serve::Report;

use super::{ByHand, Tunnel, tunnel_with, upgrade_to};
use crate::support::gateway::TestGateway;
use crate::support::raw::{Closed, RawClient};
use crate::support::sole::{Sole, demo_backend};
use crate::support::within;
use crate::support::ws::{self, Message};
use tokio::net::TcpStream;

const LONG: &str = "tunnel_idle = \"1h\"";
/// How much a loaded machine may add.
const SLACK: Duration = Duration::from_millis(900);
/// A Close frame for the client, with the status 1001.
const GOING_AWAY: [u8; 4] = [0x88, 2, 0x03, 0xe9];

/// A frame for the upstream, as if it weren't masked.
fn unmasked(frame: &[u8]) -> Vec<u8> {
    let [opcode, length, mask @ .., one, two] = frame else { return frame.to_vec() };
    assert_eq!((length, mask.len()), (&0x82, 4), "{frame:x?}");
    vec![*opcode, length ^ 0x80, one ^ mask[0], two ^ mask[1]]
}

#[tokio::test]
async fn the_clients_half_close_leaves_the_other_way_open() {
    let (_gateway, Tunnel { mut client, mut upstream }) = tunnel_with(LONG).await;
    client.send("last words").await;
    client.finish().await;
    assert_eq!(upstream.rest().await, (b"last words".to_vec(), Closed::Fin));
    upstream.send("an answer to them").await;
    upstream.finish().await;
    assert_eq!(client.rest().await, (b"an answer to them".to_vec(), Closed::Fin));
}

#[tokio::test]
async fn the_upstreams_half_close_leaves_the_other_way_open() {
    let (_gateway, Tunnel { mut client, mut upstream }) = tunnel_with(LONG).await;
    upstream.send("last words").await;
    upstream.finish().await;
    assert_eq!(client.rest().await, (b"last words".to_vec(), Closed::Fin));
    client.send("an answer to them").await;
    client.finish().await;
    assert_eq!(upstream.rest().await, (b"an answer to them".to_vec(), Closed::Fin));
}

#[tokio::test]
async fn when_one_end_is_reset_so_goes_the_other() {
    let (_gateway, Tunnel { client, mut upstream }) = tunnel_with(LONG).await;
    client.reset();
    upstream.rest().await;
    let (_gateway, Tunnel { mut client, upstream }) = tunnel_with(LONG).await;
    upstream.reset();
    client.rest().await;
}

#[tokio::test]
async fn an_idle_tunnel_closes_at_both_ends() {
    let (_gateway, Tunnel { mut client, mut upstream }) = tunnel_with("tunnel_idle = \"300ms\"").await;
    let opened = Instant::now();
    assert_eq!(client.rest().await.0, b"");
    assert_eq!(upstream.rest().await.0, b"");
    let lived = opened.elapsed();
    // A little less than 300 ms, because the tunnel began before the clock of the test.
    assert!(lived > Duration::from_millis(200) && lived < Duration::from_secs(5), "{lived:?}");
}

/// Also when the silent side has half-closed and waits for the rest.
#[tokio::test]
async fn a_half_closed_idle_tunnel_closes_too() {
    let (_gateway, Tunnel { mut client, mut upstream }) = tunnel_with("tunnel_idle = \"300ms\"").await;
    client.finish().await;
    assert_eq!(upstream.rest().await.0, b"");
    assert_eq!(client.rest().await.0, b"");
}

/// Bytes in one direction keep it open, whichever direction, for longer than the idle timeout.
#[tokio::test]
async fn a_tunnel_with_traffic_one_way_is_not_idle() {
    for from_client in [true, false] {
        let (_gateway, Tunnel { mut client, mut upstream }) = tunnel_with("tunnel_idle = \"1s\"").await;
        let (from, to) =
            if from_client { (&mut client, &mut upstream) } else { (&mut upstream, &mut client) };
        let opened = Instant::now();
        while opened.elapsed() < Duration::from_millis(1500) {
            from.send("x").await;
            assert_eq!(to.bytes(1).await, b"x");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// A tunnel to an upstream, in a gateway whose shutdown may last so long.
async fn tunnel_and_shutdown_of(limit: &str) -> (TestGateway, Tunnel) {
    tunnel_with(&format!("{LONG}\nshutdown = \"{limit}\"")).await
}

/// Waits until new connections are refused, which is when the shutdown has begun.
async fn closed_to_newcomers(gateway: &TestGateway) {
    let refused = async { while TcpStream::connect(gateway.addr).await.is_ok() {} };
    within("the listener to close", refused).await;
}

#[tokio::test]
async fn a_tunnel_goes_on_in_a_shutdown_until_its_ends_are_done() {
    let (gateway, Tunnel { mut client, mut upstream }) = tunnel_and_shutdown_of("1h").await;
    gateway.shutdown.begin();
    closed_to_newcomers(&gateway).await;
    client.send("x").await;
    assert_eq!(upstream.bytes(1).await, b"x");
    client.finish().await;
    upstream.finish().await;
    assert_eq!((client.rest().await.0, upstream.rest().await.0), (Vec::new(), Vec::new()));
    assert_eq!(gateway.ended().await, Report { drained: 1, aborted: 0 });
}

#[tokio::test]
async fn the_shutdowns_deadline_closes_it() {
    const LIMIT: Duration = Duration::from_millis(500);
    let (gateway, Tunnel { mut client, mut upstream }) = tunnel_and_shutdown_of("500ms").await;
    let began = Instant::now();
    gateway.shutdown.begin();
    let closed = async { (client.rest().await, upstream.rest().await) };
    let ((to_client, to_upstream), report) = tokio::join!(closed, gateway.ended());
    assert_eq!(to_client, (GOING_AWAY.to_vec(), Closed::Fin));
    assert_eq!((unmasked(&to_upstream.0), to_upstream.1), (GOING_AWAY.to_vec(), Closed::Fin));
    assert_eq!(report, Report { drained: 0, aborted: 1 });
    assert!(began.elapsed() >= LIMIT && began.elapsed() < LIMIT + SLACK, "{:?}", began.elapsed());
}

/// A request that is in flight until the deadline leaves the tunnel no time after it.
#[tokio::test]
async fn requests_and_tunnels_have_one_deadline() {
    const LIMIT: Duration = Duration::from_secs(1);
    let by_hand = ByHand::listen().await;
    let gateway = Sole::new(by_hand.addr()).timeout(LONG).timeout("shutdown = \"1s\"").start();
    let Tunnel { mut client, upstream: _open } = Tunnel::open(&gateway, &by_hand).await;
    let mut stuck = RawClient::connect(gateway.addr).await;
    stuck.send("GET /stuck HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let mut unanswered = by_hand.accept().await;
    super::read_head(&mut unanswered).await;
    let began = Instant::now();
    gateway.shutdown.begin();
    assert_eq!(client.bytes(4).await, GOING_AWAY);
    assert!(began.elapsed() >= LIMIT * 9 / 10, "{:?}", began.elapsed());
    assert_eq!(stuck.rest().await.0, b"");
    assert!(began.elapsed() >= LIMIT && began.elapsed() < LIMIT + SLACK, "{:?}", began.elapsed());
    assert_eq!(gateway.ended().await, Report { drained: 0, aborted: 2 });
}

#[tokio::test]
async fn a_second_signal_closes_it_at_once() {
    let (gateway, Tunnel { mut client, mut upstream }) = tunnel_and_shutdown_of("1h").await;
    gateway.shutdown.escalate();
    closed_to_newcomers(&gateway).await;
    let told = Instant::now();
    gateway.shutdown.escalate();
    assert_eq!(client.rest().await.0, GOING_AWAY);
    assert_eq!(unmasked(&upstream.rest().await.0), GOING_AWAY);
    assert_eq!(gateway.ended().await, Report { drained: 0, aborted: 1 });
    assert!(told.elapsed() < SLACK, "{:?}", told.elapsed());
}

/// A handshake during which the shutdown begins must not leave a tunnel that is never closed.
#[tokio::test]
async fn a_tunnel_that_opens_during_a_shutdown_closes_as_well() {
    let by_hand = ByHand::listen().await;
    let gateway = Sole::new(by_hand.addr()).timeout(LONG).timeout("shutdown = \"500ms\"").start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(upgrade_to("websocket", "/ws")).await;
    let mut upstream = by_hand.accept().await;
    super::read_head(&mut upstream).await;
    gateway.shutdown.begin();
    upstream.send(super::SWITCHED).await;
    let (_, report) = tokio::join!(client.rest(), gateway.ended());
    upstream.rest().await;
    assert_eq!(report, Report { drained: 0, aborted: 1 }, "it is one connection");
}

/// Both ends are real here, and answer the Close, so nobody waits.
#[tokio::test]
async fn a_websocket_client_is_told_of_the_shutdown() {
    let gateway = Sole::new(demo_backend()).timeout(LONG).timeout("shutdown = \"500ms\"").start();
    let shutdown = gateway.shutdown.clone();
    let talk = move |socket: &mut ws::Socket| {
        socket.send(Message::text("hello")).unwrap();
        assert_eq!(socket.read().unwrap(), Message::text("hello"));
        shutdown.begin();
        assert_eq!(socket.read().unwrap(), ws::going_away());
        assert!(matches!(socket.read(), Err(ws::Error::ConnectionClosed)));
    };
    ws::session(gateway.addr, "/echo", talk).await.unwrap();
    gateway.ended().await;
}
