//! Connections are spread over the workers; pools, health, limits and probes belong to the whole gateway.

use super::{gateway, one_each, with_names};
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::sole::demo_backend;
use crate::support::within;

#[tokio::test]
async fn each_worker_serves() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    for workers in 1..=3 {
        let gateway = gateway(workers, &upstream, "");
        for mut client in one_each(&gateway, workers).await {
            assert_eq!(client.get("/api/x").await.text(), "fine");
        }
    }
    upstream.assert_clean();
}

/// Round robin takes turns across the workers.
#[tokio::test]
async fn they_take_turns_at_the_same_pool() {
    let (one, two) = (demo_backend(), demo_backend());
    let config = crate::support::gateway::topology(one, two);
    let gateway = TestGateway::on_workers(2, &config, with_names);
    let mut clients = one_each(&gateway, 2).await;
    for turn in 0..6 {
        let said = clients[turn % 2].get("/api/x").await.text();
        let port = [one, two][turn % 2].port();
        assert!(said.starts_with(&format!("hello from upstream {port}")), "{turn}: {said}");
    }
}

/// Connections come to any worker. Where the limit is less than one for each, no worker may keep a place for itself.
#[tokio::test]
async fn the_limit_is_the_gateways() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    for (workers, connections) in [(2, 1), (3, 2), (2, 4)] {
        let gateway = gateway(workers, &upstream, &format!("limits.connections = {connections}"));
        for _ in 0..10 {
            let mut open = Vec::new();
            for _ in 0..connections {
                let mut client = RawClient::connect(gateway.addr).await;
                assert_eq!(client.get("/api/x").await.text(), "fine");
                open.push(client);
            }
            let mut waiting = RawClient::connect(gateway.addr).await;
            let mut answered = tokio::spawn(async move { waiting.get("/api/late").await.text() });
            // Longer than a request takes: one that had been let in would have its answer.
            let mut other = open.pop().unwrap();
            for _ in 0..10 {
                assert_eq!(other.get("/api/x").await.text(), "fine");
            }
            assert!(!answered.is_finished(), "{workers} workers serve more than {connections}");
            drop(other);
            assert_eq!(within("the one that waits", &mut answered).await.unwrap(), "fine");
        }
    }
}

/// Once for the gateway, not once for each worker: with an hour between probes, whatever comes is the first.
#[tokio::test]
async fn an_upstream_is_probed_once() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let config = format!(
        "[pools.api]\nupstreams = [\"{}\"]\nhealth = {{ path = \"/probe\", interval = \"1h\" }}\n\
         [routes.\"/api\"]\npool = \"api\"\n",
        upstream.url()
    );
    let gateway = TestGateway::on_workers(3, &config, with_names);
    upstream.wait_for(1).await;
    for mut client in one_each(&gateway, 3).await {
        assert_eq!(client.get("/api/x").await.text(), "fine");
    }
    let asked: Vec<String> = upstream.requests().iter().map(|request| request.target.clone()).collect();
    assert_eq!(asked, ["/probe", "/x", "/x", "/x"]);
}
