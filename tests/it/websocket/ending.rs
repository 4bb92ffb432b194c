//! How a tunnel ends: when either end half-closes or leaves, after a silence, at the gateway's shutdown.

use std::time::{Duration, Instant};

use super::{ByHand, Tunnel, tunnel_with, upgrade_to};
use crate::support::raw::{Closed, RawClient};
use crate::support::sole::{Sole, demo_backend};
use crate::support::ws::{self, Message};

const LONG: &str = "tunnel_idle = \"1h\"";

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

#[tokio::test]
async fn a_shutdown_closes_open_tunnels_and_ends() {
    let (gateway, Tunnel { mut client, mut upstream }) = tunnel_with(LONG).await;
    client.send("x").await;
    assert_eq!(upstream.bytes(1).await, b"x");
    let began = Instant::now();
    gateway.shutdown.begin();
    let closed = async { (client.rest().await, upstream.rest().await) };
    let (((from_gateway, _), (to_upstream, _)), report) = tokio::join!(closed, gateway.ended());
    assert_eq!((from_gateway, to_upstream), (Vec::new(), Vec::new()));
    assert_eq!(report.aborted, 0);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

/// A handshake during which the shutdown begins must not leave a tunnel that is never closed.
#[tokio::test]
async fn a_tunnel_that_opens_during_a_shutdown_closes_as_well() {
    let by_hand = ByHand::listen().await;
    let gateway = Sole::new(by_hand.addr()).timeout(LONG).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(upgrade_to("websocket", "/ws")).await;
    let mut upstream = by_hand.accept().await;
    super::read_head(&mut upstream).await;
    gateway.shutdown.begin();
    upstream.send(super::SWITCHED).await;
    let (_, report) = tokio::join!(client.rest(), gateway.ended());
    upstream.rest().await;
    assert_eq!(report.aborted, 0);
}

/// The same with a real WebSocket client, which must not hang either.
#[tokio::test]
async fn a_websocket_client_notices_the_shutdown() {
    let gateway = Sole::new(demo_backend()).timeout(LONG).start();
    let shutdown = gateway.shutdown.clone();
    let talk = move |socket: &mut ws::Socket| {
        socket.send(Message::text("hello")).unwrap();
        assert_eq!(socket.read().unwrap(), Message::text("hello"));
        shutdown.begin();
        assert!(socket.read().is_err());
    };
    ws::session(gateway.addr, "/echo", talk).await.unwrap();
    gateway.ended().await;
}
