//! A handshake in which every step asks for a WebSocket.

use super::authenticating::Upstream;
use super::{User, challenge_of, gateway};

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

#[tokio::test]
async fn it_ends_in_a_tunnel_on_the_same_connection() {
    let mut upstream = Upstream::new().await;
    let gateway = gateway(&[&upstream], "[pools.app.connections]\nmax = 1");
    let mut alice = User::connect(&gateway, "alice").await;
    assert_eq!(alice.ask("GET", "/", UPGRADE).await.text(), "nobody on 0");
    let hello = format!("Authorization: NTLM hello:alice\r\n{UPGRADE}");
    let challenge = challenge_of(&alice.ask("GET", "/", &hello).await);
    let answer = format!("{}{UPGRADE}", alice.last_step(&challenge));
    assert_eq!(alice.ask("GET", "/", &answer).await.status(), 101);
    alice.connection.send("through it").await;
    assert_eq!(alice.connection.bytes("through it".len()).await, b"through it");

    let mut bob = User::connect(&gateway, "bob").await;
    assert_eq!(bob.ask("GET", "/open", "").await.status(), 503, "the tunnel has the only place");
    drop(alice);
    upstream.until_closed(0).await;
    assert_eq!(bob.get("/open").await, "nobody on 1");
}
