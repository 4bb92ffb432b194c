//! `rate_limit.shared`: several gateways count together in a real Redis.

#[cfg(feature = "redis")]
mod programs;
#[cfg(feature = "tls")]
mod secured;
mod unsteady;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use gateway::observe::metrics::Exposition;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::gateway::TestGateway;
use crate::support::process::{Process, Signal};
use crate::support::raw::RawClient;
use crate::support::sole::demo_backend;
use crate::support::tools::{accepting, free_port, require};
use crate::support::within;

/// A Redis without files and with a password. It is killed when dropped.
struct Redis {
    port: u16,
    process: Process,
    _directory: TempDir,
}

impl Redis {
    /// `None` where it is missing.
    async fn start(port: u16) -> Option<Self> {
        Self::with(port, &[]).await
    }

    /// The same with more arguments, each a name and a value.
    async fn with(port: u16, arguments: &[(&str, &str)]) -> Option<Self> {
        let program = require("redis-server")?;
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--requirepass", "hidden"]);
        command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(directory.path());
        for (name, value) in arguments {
            command.args([name, value]);
        }
        let process = Process::start(command);
        accepting(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await;
        Some(Self { port, process, _directory: directory })
    }
}

/// `/` with up to two requests at once and one an hour, which are counted in Redis; what else the table of Redis and the
/// limit say.
fn config(port: u16, redis: &str, limit: &str) -> String {
    format!(
        "[redis]\nurl = \"redis://:hidden@127.0.0.1:{port}/0\"\ndeadline = \"500ms\"\n{redis}\n\
         [pools.one]\nupstreams = [\"http://{}\"]\n[routes.\"/\"]\npool = \"one\"\n\
         rate_limit = {{ requests = 1, per = \"1h\", burst = 2, shared = true {limit} }}\n",
        demo_backend()
    )
}

fn metric(gateway: &TestGateway, name: &str) -> Option<u64> {
    let metrics = gateway.handle.metrics(Exposition::Plain);
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    line.parse().ok()
}

async fn connected(gateway: &TestGateway, is_connected: u64) {
    within("the connection to Redis", async {
        while metric(gateway, "gateway_redis_connected") != Some(is_connected) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

async fn status(gateway: &TestGateway) -> u16 {
    RawClient::connect(gateway.addr).await.get("/x").await.status()
}

fn results(gateway: &TestGateway) -> [u64; 5] {
    ["passed", "refused", "unreachable", "late", "failed"].map(|result| {
        metric(gateway, &format!("gateway_redis_decisions_total{{result=\"{result}\"}}")).unwrap()
    })
}

#[tokio::test]
async fn two_gateways_let_through_what_one_may() {
    let Some(redis) = Redis::start(free_port()).await else { return };
    let text = config(redis.port, "", "");
    let (one, other) = (TestGateway::start(&text), TestGateway::start(&text));
    connected(&one, 1).await;
    connected(&other, 1).await;
    let mut client = RawClient::connect(one.addr).await;
    let answer = client.get("/x").await;
    assert_eq!((answer.status(), answer.header("ratelimit")), (200, Some("\"client\";r=1;t=3600")));
    assert_eq!(status(&other).await, 200);
    assert_eq!((status(&one).await, status(&other).await), (429, 429));
    let answer = client.get("/x").await;
    let after: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((3500..=3600).contains(&after), "{after}");
    assert_eq!((results(&one), results(&other)), ([1, 2, 0, 0, 0], [1, 1, 0, 0, 0]));
}

/// Whichever limit refuses a request, and wherever that one is counted: the others don't count it.
#[tokio::test]
async fn what_one_limit_refuses_no_other_counts() {
    let Some(redis) = Redis::start(free_port()).await else { return };
    let limit = |name: &str, burst: u32, shared: bool| {
        let key = "key = \"route\", requests = 1, per = \"1h\"";
        format!("{{ name = \"{name}\", {key}, burst = {burst}, shared = {shared} }}")
    };
    for (limits, told) in [
        ([limit("a", 9, true), limit("b", 1, true)], ["\"a\";r=8;t=3600", "\"b\";r=0;t="]),
        ([limit("c", 1, true), limit("d", 9, true)], ["\"c\";r=0;t=", ""]),
        ([limit("e", 9, true), limit("f", 1, false)], ["\"f\";r=0;t=", ""]),
        ([limit("g", 1, true), limit("h", 9, false)], ["\"g\";r=0;t=", "\"h\";r=8;t=3600"]),
    ] {
        let text = config(redis.port, "", "");
        let (before, _) = text.split_once("rate_limit").unwrap();
        let text = format!("{before}rate_limit = [{}]\n", limits.join(", "));
        let gateway = TestGateway::start(&text);
        connected(&gateway, 1).await;
        assert_eq!(status(&gateway).await, 200, "{text}");
        for _ in 0..3 {
            let answer = RawClient::connect(gateway.addr).await.get("/x").await;
            assert_eq!(answer.status(), 429, "{text}");
            let lines = answer.headers().all("ratelimit");
            let expected = told.iter().filter(|told| !told.is_empty());
            assert_eq!(lines.len(), expected.clone().count(), "{lines:?}");
            assert!(expected.zip(&lines).all(|(told, line)| line.starts_with(told)), "{lines:?}");
        }
    }
}

/// The script is sent again, and the connection made again, without a request that notices more than one failure.
#[tokio::test]
async fn a_server_that_forgets_or_restarts_is_used_again() {
    let Some(redis) = Redis::start(free_port()).await else { return };
    let port = redis.port;
    let gateway = TestGateway::start(&config(port, "on_failure = \"allow\"", ""));
    connected(&gateway, 1).await;
    let mut cli = Command::new("redis-cli");
    cli.args(["-p", &port.to_string(), "-a", "hidden", "--no-auth-warning", "script", "flush"]);
    let mut flush = Process::start(cli);
    assert!(flush.exit().await.success());
    assert_eq!(status(&gateway).await, 200);
    assert_eq!(results(&gateway), [1, 0, 0, 0, 0]);
    redis.process.signal(Signal::Kill).await;
    drop(redis);
    within("the loss to be noticed", async {
        while metric(&gateway, "gateway_redis_connected") != Some(0) {
            assert_eq!(status(&gateway).await, 200, "what can't be counted passes");
        }
    })
    .await;
    assert_eq!(status(&gateway).await, 200);
    let _again = Redis::start(port).await.unwrap();
    connected(&gateway, 1).await;
    assert_eq!([status(&gateway).await, status(&gateway).await, status(&gateway).await], [200, 200, 429]);
}

/// A server that is stopped takes connections and says nothing. No request waits longer than the deadline, and soon none
/// waits at all.
#[tokio::test]
async fn a_server_that_is_stopped_costs_the_deadline_and_then_nothing() {
    let Some(redis) = Redis::start(free_port()).await else { return };
    let text = config(redis.port, "on_failure = \"deny\"", "").replace("500ms", "50ms");
    let gateway = TestGateway::start(&text);
    connected(&gateway, 1).await;
    redis.process.signal(Signal::Stop).await;
    let began = Instant::now();
    assert_eq!(status(&gateway).await, 503, "what can't be counted is refused");
    assert!(began.elapsed() >= Duration::from_millis(50));
    for _ in 0..20 {
        assert_eq!(status(&gateway).await, 503);
    }
    let [_, _, unreachable, late, _] = results(&gateway);
    assert!(late <= 10 && unreachable >= 10, "{unreachable} {late}");
    assert_eq!(metric(&gateway, "gateway_redis_connected"), Some(0));
    redis.process.signal(Signal::Cont).await;
    connected(&gateway, 1).await;
    within("the limit to be used up, in Redis", async { while status(&gateway).await != 429 {} }).await;
    let [passed, refused, ..] = results(&gateway);
    assert!(passed <= 2 && refused >= 1, "{passed} {refused}");
}

/// By default, each gateway counts alone meanwhile.
#[tokio::test]
async fn without_a_server_each_counts_alone() {
    let port = free_port();
    let text = config(port, "", "");
    let (one, other) = (TestGateway::start(&text), TestGateway::start(&text));
    for gateway in [&one, &other] {
        let statuses = [status(gateway).await, status(gateway).await, status(gateway).await];
        assert_eq!(statuses, [200, 200, 429]);
        assert_eq!(results(gateway), [0, 0, 3, 0, 0]);
    }
}

/// `[redis]` may come, change and go while the gateway runs.
#[tokio::test]
async fn a_reload_may_bring_a_server_and_take_it_away() {
    let Some(redis) = Redis::start(free_port()).await else { return };
    let shared = config(redis.port, "", "");
    let alone = shared.split_once("[pools").map(|(_, rest)| format!("[pools{rest}")).unwrap();
    let alone = alone.replace("shared = true", "shared = false");
    let gateway = TestGateway::start(&alone);
    assert_eq!(metric(&gateway, "gateway_redis_connected"), None);
    assert_eq!([status(&gateway).await, status(&gateway).await, status(&gateway).await], [200, 200, 429]);
    gateway.apply(&shared).await.unwrap();
    connected(&gateway, 1).await;
    assert_eq!([status(&gateway).await, status(&gateway).await, status(&gateway).await], [200, 200, 429]);
    gateway.apply(&config(redis.port, "prefix = \"another:\"", "")).await.unwrap();
    connected(&gateway, 1).await;
    assert_eq!([status(&gateway).await, status(&gateway).await, status(&gateway).await], [200, 200, 429]);
    gateway.apply(&alone).await.unwrap();
    assert_eq!(metric(&gateway, "gateway_redis_connected"), None);
    assert_eq!([status(&gateway).await, status(&gateway).await, status(&gateway).await], [200, 200, 429]);
}

/// The rates are those of a gateway that counts alone.
#[tokio::test]
async fn the_rate_is_that_of_the_servers_clock() {
    let Some(redis) = Redis::start(free_port()).await else { return };
    let text = config(redis.port, "", "").replace("requests = 1, per = \"1h\"", "requests = 5, per = \"1s\"");
    let gateway = TestGateway::start(&text);
    connected(&gateway, 1).await;
    let began = Instant::now();
    let mut passed = 0_u32;
    while began.elapsed() < Duration::from_millis(1500) {
        passed += u32::from(status(&gateway).await == 200);
    }
    let seconds = began.elapsed().as_secs_f64();
    let most = 2.0 + seconds * 5.0;
    assert!(f64::from(passed) <= most + 0.01 && f64::from(passed) >= most - 1.5, "{passed} in {seconds} s");
    // Nothing is left of it once the debt is over.
    within("the key to expire", async {
        loop {
            let mut cli = Command::new("redis-cli");
            cli.args(["-p", &redis.port.to_string(), "-a", "hidden", "--no-auth-warning", "dbsize"]);
            let output = cli.output().await.unwrap();
            if output.stdout.starts_with(b"0") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}
