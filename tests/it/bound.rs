//! Upstreams that authenticate connections, as NTLM does: what one client has proved about itself counts for no other
//! client, and all steps of its handshake arrive on one connection.

#[path = "../../crates/proxy-service/tests/it/support/authenticating.rs"]
mod authenticating;
mod elsewhere;
mod handshake;
mod http2;
mod tunnel;

use crate::support::gateway::TestGateway;
use crate::support::raw::{RawClient, Response};
use authenticating::Upstream;

/// A gateway with the route `/app` to these upstreams; `pool` holds the other keys of its pool.
fn gateway(upstreams: &[&Upstream], pool: &str) -> TestGateway {
    TestGateway::start(&config(upstreams, pool))
}

fn config(upstreams: &[&Upstream], pool: &str) -> String {
    let targets: Vec<_> = upstreams.iter().map(|upstream| upstream.target()).collect();
    format!("[pools.app]\nupstreams = {targets:?}\n{pool}\n[routes.\"/app\"]\npool = \"app\"\n")
}

/// A user with a connection to the gateway.
struct User {
    name: &'static str,
    connection: RawClient,
}

impl User {
    async fn connect(gateway: &TestGateway, name: &'static str) -> Self {
        Self { name, connection: RawClient::connect(gateway.addr).await }
    }

    /// `lines` are header lines besides `Host`, each with its end.
    async fn ask(&mut self, method: &str, path: &str, lines: &str) -> Response {
        let head =
            format!("{method} /app{path} HTTP/1.1\r\nHost: test\r\nX-Client: {}\r\n{lines}\r\n", self.name);
        self.connection.send(head).await;
        self.connection.response_to(method).await
    }

    async fn get(&mut self, path: &str) -> String {
        self.ask("GET", path, "").await.text()
    }

    /// The first step of the handshake; returns what has to be sent as the last.
    async fn hello(&mut self, lines: &str) -> String {
        let credentials = format!("Authorization: NTLM hello:{}\r\n{lines}", self.name);
        challenge_of(&self.ask("GET", "/", &credentials).await)
    }

    async fn answer(&mut self, challenge: &str) -> Response {
        let credentials = self.last_step(challenge);
        self.ask("GET", "/", &credentials).await
    }

    fn last_step(&self, challenge: &str) -> String {
        format!("Authorization: NTLM answer:{challenge}:{}\r\n", self.name)
    }
}

fn challenge_of(answer: &Response) -> String {
    assert_eq!(answer.status(), 401, "{answer:?}");
    answer.header("www-authenticate").unwrap().split_once("challenge:").unwrap().1.to_owned()
}
