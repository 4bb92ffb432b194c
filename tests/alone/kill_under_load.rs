//! `kill -9` of one of two upstreams under load: not one GET fails. With both dead, the error comes at once. The
//! upstreams and the gateway are processes of their own.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::alone;
use crate::support::ask::{Client, GET, POST, Protocol};
use crate::support::load::{Load, Outcome};
use crate::support::process::{Process, Signal, Stream};
use crate::support::tools::{free_port, require};
use crate::support::within;
use tokio::process::Command;
use tokio::sync::RwLockWriteGuard;

const KILLS: usize = 4;
/// How many answers come between one event and the next.
const ENOUGH: u64 = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn not_one_get_fails() {
    let mut pair = Pair::start().await;
    let load = Load::start(pair.gateway, 32);
    for kill in 0..KILLS {
        load.more(ENOUGH).await;
        pair.kill(kill % 2).await;
        load.more(ENOUGH).await;
        pair.restart(kill % 2).await;
        load.answered_by(pair.ports[kill % 2]).await;
    }
    load.more(ENOUGH).await;
    let Outcome { answered, failed } = load.stop().await;
    eprintln!(
        "{KILLS} kills and restarts under 32 connections: {answered} GETs answered, {} failed",
        failed.len()
    );
    assert!(failed.is_empty(), "{failed:#?}");
}

/// Every connection has carried an answer before a kill. A request on a connection that never carried one is answered
/// with 502, which the tests in `tests/it/failover` check.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrk_sees_no_failure() {
    let Some(wrk) = require("wrk") else { return };
    let mut pair = Pair::start().await;
    let mut command = Command::new(wrk);
    command.args(["-c64", "-t1", "-d10m"]).arg(format!("http://{}/api/users", pair.gateway));
    let mut running = Process::start(command);
    // wrk prints nothing while it runs, so a few connections of our own show which upstream answers.
    let load = Load::start(pair.gateway, 4);
    for kill in 0..KILLS {
        pair.forwards(1000).await;
        pair.kill(kill % 2).await;
        pair.forwards(500).await;
        pair.restart(kill % 2).await;
        load.answered_by(pair.ports[kill % 2]).await;
    }
    pair.forwards(500).await;
    let Outcome { failed, .. } = load.stop().await;
    running.signal(Signal::Int).await;
    running.exit().await;
    let report = running.text(Stream::Out);
    eprintln!("wrk -c64 over {KILLS} kills and restarts:\n{report}");
    let requests = report.split(" requests in").next().and_then(|text| text.split_whitespace().last());
    assert!(requests.is_some_and(|count| count.parse::<u64>().is_ok_and(|count| count > ENOUGH)), "{report}");
    // The gateway's warnings say which requests failed, and why.
    let report = report + &pair.process.text(Stream::Err);
    assert!(!report.contains("Non-2xx") && !report.contains("Socket errors"), "{report}");
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn both_dead_is_said_at_once() {
    let mut pair = Pair::start().await;
    // The gateway keeps connections to both. Once these are dead, no request may wait for them.
    for protocol in [Protocol::Http1, Protocol::Http2] {
        for _ in 0..4 {
            let answer = Client::connect(protocol, pair.gateway).await.ask(GET, "/api/x").await.unwrap();
            assert_eq!(answer.status, 200);
        }
    }
    pair.kill(0).await;
    pair.kill(1).await;
    let mut took = Vec::new();
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let mut client = Client::connect(protocol, pair.gateway).await;
        for shape in std::iter::repeat_n([GET, POST], 10).flatten() {
            let started = Instant::now();
            let answer = client.ask(shape, "/api/x").await.unwrap();
            took.push(started.elapsed());
            assert!(matches!(answer.status, 502 | 503), "{answer:?}");
            let status = answer.field("proxy-status");
            assert!(status.is_some_and(|status| status.starts_with("gateway; error=")), "{answer:?}");
        }
    }
    took.sort();
    let (median, slowest) = (took[took.len() / 2], took[took.len() - 1]);
    eprintln!("both dead: {} answers, median {median:?}, slowest {slowest:?}", took.len());
    assert!(median < Duration::from_millis(100), "{took:?}");
}

/// Two backends and the gateway over them.
struct Pair {
    ports: [u16; 2],
    backends: [Process; 2],
    gateway: SocketAddr,
    process: Process,
    _alone: RwLockWriteGuard<'static, ()>,
}

impl Pair {
    async fn start() -> Self {
        let alone = alone().await;
        let ports = [free_port(), free_port()];
        let backends = [backend(ports[0]).await, backend(ports[1]).await];
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("gateway.toml");
        let [one, two] = ports;
        let config = format!(
            "[pools.api]\nupstreams = [\"http://127.0.0.1:{one}\", \"http://127.0.0.1:{two}\"]\n\
             outliers = {{ ejection = \"1s\", max_ejection = \"1s\" }}\n\
             [routes.\"/api\"]\npool = \"api\"\n"
        );
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.env("RUST_LOG", "warn").arg("--config").arg(&file).args(["--listen", "127.0.0.1:0"]);
        command.args(["--admin", "127.0.0.1:0"]);
        let process = Process::start(command);
        let line = process.line_with("gateway on http://").await;
        let gateway = line.trim_start_matches("gateway on http://").parse().unwrap();
        Self { ports, backends, gateway, process, _alone: alone }
    }

    /// Waits until the gateway has forwarded `count` more requests, as it counts them.
    async fn forwards(&self, count: u64) {
        let target = self.forwarded().await + count;
        let asking = async {
            while self.forwarded().await < target {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        within("more requests to be forwarded", asking).await;
    }

    async fn forwarded(&self) -> u64 {
        let pool = self.process.operator().await.get("/api/v1/pools/api").await;
        let endpoints = pool["endpoints"].as_array().unwrap();
        endpoints.iter().map(|endpoint| endpoint["requests"].as_u64().unwrap()).sum()
    }

    async fn kill(&mut self, which: usize) {
        self.backends[which].signal(Signal::Kill).await;
        self.backends[which].exit().await;
    }

    async fn restart(&mut self, which: usize) {
        self.backends[which] = backend(self.ports[which]).await;
    }
}

async fn backend(port: u16) -> Process {
    let process = Process::gateway(["backend".to_owned(), port.to_string()]);
    process.line_with("demo backend on").await;
    process
}
