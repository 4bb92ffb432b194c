use std::collections::BTreeMap;

use super::authenticating::Upstream;
use super::{User, config, gateway};
use crate::support::gateway::TestGateway;

/// Over two upstreams in turn, step by step, with steps of other clients in between.
#[tokio::test]
async fn three_clients_interleaved() {
    let upstreams = [Upstream::new().await, Upstream::new().await];
    let gateway = gateway(&[&upstreams[0], &upstreams[1]], "");
    let mut users = Vec::new();
    for name in ["alice", "bob", "carol"] {
        users.push(User::connect(&gateway, name).await);
    }
    for user in &mut users {
        assert!(user.get("/").await.starts_with("nobody on "));
    }
    let mut challenges = Vec::new();
    for user in &mut users {
        challenges.push(user.hello("").await);
    }
    for (user, challenge) in users.iter_mut().zip(&challenges) {
        assert_eq!(user.answer(challenge).await.text(), format!("{} on {challenge}", user.name));
    }
    for _ in 0..4 {
        for (user, challenge) in users.iter_mut().zip(&challenges) {
            assert_eq!(user.get("/").await, format!("{} on {challenge}", user.name));
        }
    }

    let mut stranger = User::connect(&gateway, "stranger").await;
    for _ in 0..4 {
        assert!(stranger.get("/open").await.starts_with("nobody on "));
    }
    let mut whose = BTreeMap::new();
    for (upstream, seen) in
        upstreams.iter().flat_map(|upstream| upstream.seen().into_iter().map(|seen| (upstream.addr, seen)))
    {
        let client = seen.field("x-client").unwrap().to_owned();
        let owner = whose.entry((upstream, seen.connection)).or_insert_with(|| client.clone());
        assert_eq!(*owner, client);
    }
    let of = |name: &str| whose.values().filter(|owner| *owner == name).count();
    assert_eq!(["alice", "bob", "carol"].map(of), [1, 1, 1]);
}

#[tokio::test]
async fn a_connection_of_ones_own_ends_with_its_client() {
    let mut upstream = Upstream::new().await;
    let gateway = gateway(&[&upstream], "");
    let mut alice = User::connect(&gateway, "alice").await;
    let challenge = alice.hello("").await;
    assert_eq!(alice.answer(&challenge).await.text(), "alice on 0");
    drop(alice);
    upstream.until_closed(0).await;
}

/// A trusted proxy sends the requests of many users over one connection.
#[tokio::test]
async fn behind_a_trusted_proxy_nobody_becomes_somebody() {
    let upstream = Upstream::new().await;
    let gateway =
        TestGateway::start(&format!("trusted_proxies = [\"127.0.0.1\"]\n{}", config(&[&upstream], "")));
    let mut proxy = User::connect(&gateway, "alice").await;
    let challenge = proxy.hello("").await;
    assert_eq!(proxy.answer(&challenge).await.status(), 401);
    proxy.name = "bob";
    assert!(proxy.get("/").await.starts_with("nobody on "));
}

/// curl sends the first step of a POST without its body.
#[tokio::test]
async fn the_last_step_may_be_a_post() {
    let upstream = Upstream::new().await;
    let gateway = gateway(&[&upstream], "");
    let mut alice = User::connect(&gateway, "alice").await;
    let hello = "Authorization: NTLM hello:alice\r\nContent-Length: 0\r\n";
    let challenge = super::challenge_of(&alice.ask("POST", "/", hello).await);
    let head = format!("POST /app HTTP/1.1\r\nHost: test\r\n{}", alice.last_step(&challenge));
    alice.connection.send(format!("{head}Content-Length: 8\r\n\r\nan order")).await;
    assert_eq!(alice.connection.response_to("POST").await.text(), "alice on 0");
    assert_eq!(alice.get("/").await, "alice on 0");
}
