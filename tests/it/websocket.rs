//! Upgrades: which requests become a tunnel, what passes through it, and which requests must never become one.

mod counting;
mod ending;
mod http2;
mod ignored;
mod others;
mod passing;
mod refused;

use std::net::SocketAddr;

use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::sole::Sole;
use crate::support::within;
use tokio::net::TcpListener;

/// An upgrade request as browsers send it.
fn upgrade_to(protocol: &str, path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: {protocol}\r\n\r\n"
    )
}

const SWITCHED: &str =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/// An upstream played by the test itself.
struct ByHand(TcpListener);

impl ByHand {
    async fn listen() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn addr(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    async fn accept(&self) -> RawClient {
        let (stream, _) = within("the gateway to connect", self.0.accept()).await.unwrap();
        RawClient::over(stream)
    }
}

/// Both ends of an open tunnel.
struct Tunnel {
    client: RawClient,
    upstream: RawClient,
}

impl Tunnel {
    async fn open(gateway: &TestGateway, by_hand: &ByHand) -> Self {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(upgrade_to("websocket", "/ws")).await;
        let mut upstream = by_hand.accept().await;
        read_head(&mut upstream).await;
        upstream.send(SWITCHED).await;
        assert_eq!(client.response_head("GET").await.status(), 101);
        Self { client, upstream }
    }
}

/// Reads a request's head up to its empty line, and no further.
async fn read_head(upstream: &mut RawClient) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.extend(upstream.bytes(1).await);
    }
    String::from_utf8(head).unwrap()
}

async fn tunnel_with(timeout: &str) -> (TestGateway, Tunnel) {
    let by_hand = ByHand::listen().await;
    let gateway = Sole::new(by_hand.addr()).timeout(timeout).start();
    let tunnel = Tunnel::open(&gateway, &by_hand).await;
    (gateway, tunnel)
}
