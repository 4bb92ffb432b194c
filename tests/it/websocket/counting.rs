//! A tunnel counts as in flight at its upstream until it ends: for the limit, and for policies that balance by load.

use super::{ByHand, Tunnel};
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::within;

fn config(upstreams: &[&ByHand], pool: &str) -> String {
    let urls: Vec<String> =
        upstreams.iter().map(|upstream| format!("\"http://{}\"", upstream.addr())).collect();
    format!("[pools.api]\nupstreams = [{}]\n{pool}\n[routes.\"/\"]\npool = \"api\"\n", urls.join(", "))
}

const GET: &str = "GET /other HTTP/1.1\r\nHost: test\r\n\r\n";

async fn status_of_another(gateway: &TestGateway) -> u16 {
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(GET).await;
    client.response().await.status()
}

#[tokio::test]
async fn it_takes_a_place_of_the_limit_until_it_ends() {
    let upstream = ByHand::listen().await;
    let keys = "max_in_flight = 1\nqueue = { size = 0, timeout = \"1s\" }";
    let gateway = TestGateway::start(&config(&[&upstream], keys));
    for _ in 0..3 {
        let Tunnel { client, upstream: mut far } = Tunnel::open(&gateway, &upstream).await;
        assert_eq!(status_of_another(&gateway).await, 503, "the tunnel has the only place");
        drop(client);
        far.rest().await;
        drop(far);
        let free = async { while status_of_upgrade(&gateway, &upstream).await != 403 {} };
        within("the place to be free", free).await;
    }
}

/// An upgrade that the upstream refuses, if it gets there.
async fn status_of_upgrade(gateway: &TestGateway, upstream: &ByHand) -> u16 {
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(super::upgrade_to("websocket", "/ws")).await;
    let refuse = async {
        let mut far = upstream.accept().await;
        super::read_head(&mut far).await;
        far.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
        far
    };
    tokio::select! {
        response = client.response() => response.status(),
        _far = async { let far = refuse.await; std::future::pending::<()>().await; drop(far) } => unreachable!("it waits"),
    }
}

#[tokio::test]
async fn those_who_are_sent_to_the_less_loaded_go_elsewhere() {
    let [one, two] = [ByHand::listen().await, ByHand::listen().await];
    let gateway = TestGateway::start(&config(&[&one, &two], "balance = \"least-loaded\""));
    // Each goes to the upstream that has fewer tunnels.
    let mut open = Vec::new();
    for _ in 0..10 {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(super::upgrade_to("websocket", "/ws")).await;
        let (number, mut far) = tokio::select! {
            far = one.accept() => (0, far),
            far = two.accept() => (1, far),
        };
        super::read_head(&mut far).await;
        far.send(super::SWITCHED).await;
        assert_eq!(client.response_head("GET").await.status(), 101);
        open.push((number, client, far));
    }
    let went: Vec<usize> = open.iter().map(|(number, ..)| *number).collect();
    assert!(went.chunks(2).all(|pair| pair[0] != pair[1]), "of two, one to each: {went:?}");
}
