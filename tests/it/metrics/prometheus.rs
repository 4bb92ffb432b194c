//! A real Prometheus: it reads what is scraped, and its tools find nothing to complain about.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Output, Stdio};
use std::time::Duration;

use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::routing::get;
use axum::{Router, http::HeaderMap};
use gateway::live::Handle;
use gateway::observe::metrics::Exposition;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::scraped::routes_to;
use crate::support::gateway::TestGateway;
use crate::support::process::Process;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::tools::{accepting, free_port, require};
use crate::support::within;

/// A Prometheus that scrapes one target five times a second. It is killed when dropped.
struct Prometheus {
    addr: SocketAddr,
    _process: Process,
    _directory: TempDir,
}

impl Prometheus {
    /// `None` where there is none.
    async fn start(target: SocketAddr) -> Option<Self> {
        let program = require("prometheus")?;
        let (directory, addr) =
            (tempfile::tempdir().unwrap(), SocketAddr::from((Ipv4Addr::LOCALHOST, free_port())));
        let config = directory.path().join("prometheus.yml");
        let text = format!(
            "global: {{ scrape_interval: 200ms, scrape_timeout: 200ms }}\n\
             scrape_configs: [{{ job_name: gateway, static_configs: [{{ targets: [\"{target}\"] }}] }}]\n"
        );
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new(program);
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", directory.path().join("data").display()))
            .arg(format!("--web.listen-address={addr}"));
        let mut process = Process::start(command);
        tokio::select! {
            () = accepting(addr) => {}
            status = process.exit() => panic!("Prometheus left with {status}: {:#?}", process.lines()),
        }
        Some(Self { addr, _process: process, _directory: directory })
    }

    /// Asks until the answer has this value.
    async fn until(&self, query: &str, expected: &str) {
        let mut last = Value::Null;
        let asking = async {
            loop {
                let encoded: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
                let path = format!("/api/v1/query?query={encoded}");
                let answer = RawClient::connect(self.addr).await.get(&path).await;
                last = serde_json::from_str(&answer.text()).unwrap_or_default();
                if last["data"]["result"][0]["value"][1] == expected {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(crate::support::PATIENCE, asking).await.is_err() {
            panic!("{query} isn't {expected}: {last}");
        }
    }
}

/// What the operator's listener does, as a service of a program's own.
fn scrapable(handle: Handle) -> Router {
    let scrape = |headers: HeaderMap| async move {
        let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        let exposition = Exposition::accepted_by(accept);
        ([(CONTENT_TYPE, exposition.content_type())], handle.metrics(exposition))
    };
    Router::new().fallback(get(scrape))
}

#[tokio::test]
async fn a_real_prometheus_scrapes_a_real_gateway() {
    let upstream = RecordingUpstream::start(|request| match &*request.target {
        "/broken" => Script::status(500),
        _ => Script::ok("answer"),
    })
    .await;
    let config = routes_to(upstream.addr());
    let gateway = TestGateway::start_with(&config, |gateway| {
        let pages = scrapable(gateway.handle());
        gateway.nest_service("/metrics", pages)
    });
    let Some(prometheus) = Prometheus::start(gateway.addr).await else { return };
    let mut client = RawClient::connect(gateway.addr).await;
    for _ in 0..7 {
        client.get("/api/x").await;
    }
    client.get("/api/broken").await;
    prometheus.until("sum(gateway_requests_total{route=\"/api\",method=\"GET\",code=\"200\"})", "7").await;
    prometheus.until("gateway_requests_failed_total{route=\"/api\"}", "1").await;
    prometheus.until("gateway_request_duration_seconds_count{route=\"/api\"}", "8").await;
    prometheus.until("count(process_start_time_seconds)", "1").await;
    prometheus.until("gateway_config_generation", "1").await;
    prometheus.until("up", "1").await;
}

/// Runs a tool to its end.
async fn run(mut command: Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    within("the tool", child.wait_with_output()).await.unwrap()
}

#[tokio::test]
async fn promtool_finds_nothing_wrong_with_names_and_types() {
    let Some(promtool) = require("promtool") else { return };
    let upstream = RecordingUpstream::start(|_| Script::ok("answer")).await;
    let gateway = TestGateway::start(&routes_to(upstream.addr()));
    RawClient::connect(gateway.addr).await.get("/api/x").await;
    let mut command = Command::new(promtool);
    command.args(["check", "metrics"]);
    let output = run(command, &gateway.handle.metrics(Exposition::Plain)).await;
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[tokio::test]
async fn promtool_accepts_the_examples() {
    let Some(promtool) = require("promtool") else { return };
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/deploy/prometheus");
    for (what, file) in [("rules", "alerts.yml"), ("config", "prometheus.yml")] {
        let mut command = Command::new(&promtool);
        command.args(["check", what, file]).current_dir(directory);
        let output = run(command, "").await;
        assert!(output.status.success(), "{output:?}");
    }
}
