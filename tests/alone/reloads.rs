//! Reload after reload under load: no request fails, no connection is closed, and memory stays what it was.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use tokio::process::Command;

use crate::alone;
use crate::support::mem::memory;
use crate::support::process::{Process, Signal, Stream};
use crate::support::raw::RawClient;
use crate::support::tools::require;

const RELOADS: u32 = 200;
/// How long the load goes on that can't be ended earlier: about as long as the reloads take.
const LOAD: Duration = Duration::from_secs(30);
/// The reload from which on memory is compared.
const WARM: u32 = 20;
/// How much more memory than then is allowed, in percent.
const MORE: u64 = 5;

/// The gateway and its upstreams, as processes of their own.
struct Site {
    gateway: Process,
    plain: SocketAddr,
    secure: SocketAddr,
    upstreams: Vec<SocketAddr>,
    directory: TempDir,
    _backends: Vec<Process>,
}

impl Site {
    async fn start() -> Self {
        let (mut backends, mut upstreams) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            let backend = Process::gateway(["backend", "0"]);
            upstreams.push(address(&backend.line_with(" on http://").await));
            backends.push(backend);
        }
        let directory = tempfile::tempdir().unwrap();
        write(&directory, 0, &upstreams);
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.arg("--config").arg(directory.path().join("gateway.toml")).arg("--no-watch");
        let gateway = Process::start({
            command.env("RUST_LOG", "info,access=off");
            command
        });
        let plain = address(&gateway.line_with("gateway on http://").await);
        let secure = address(&gateway.line_with("gateway on https://").await);
        Self { gateway, plain, secure, upstreams, directory, _backends: backends }
    }

    /// Reloads again and again while `load` runs, and says what the memory was early on and in the end. The same
    /// connection is asked after each reload.
    async fn reload_under(&self) -> (u64, u64) {
        let mut kept = RawClient::connect(self.plain).await;
        let (began, mut early) = (Instant::now(), 0);
        for number in 1..=RELOADS {
            write(&self.directory, number, &self.upstreams);
            self.gateway.signal(Signal::Hup).await;
            self.gateway.line_with(&format!("generation {}: ", number + 1)).await;
            assert_eq!(kept.get(&format!("/r{number}/status/204")).await.status(), 204, "{number}");
            if number == WARM {
                early = memory(self.gateway.pid()).rss;
            }
        }
        let late = memory(self.gateway.pid()).rss;
        eprintln!(
            "{RELOADS} reloads in {:.1?}: {} KiB after {WARM}, {} KiB after all",
            began.elapsed(),
            early / 1024,
            late / 1024
        );
        (early, late)
    }
}

/// Writes the file of this number, and a new certificate.
fn write(directory: &TempDir, number: u32, upstreams: &[SocketAddr]) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["site.example".to_owned()]).unwrap().self_signed(&key).unwrap();
    fs::write(directory.path().join("site.pem"), certificate.pem()).unwrap();
    fs::write(directory.path().join("site.key"), key.serialize_pem()).unwrap();
    fs::write(directory.path().join("gateway.toml"), config(number, upstreams)).unwrap();
}

/// `/api` over two of three upstreams: each number changes which, a route, and another pool.
fn config(number: u32, upstreams: &[SocketAddr]) -> String {
    let mut text = "listen = [\"127.0.0.1:0\", { address = \"127.0.0.2:0\", tls = { cert = \"site.pem\", \
                    key = \"site.key\" } }]\nworkers = 2\n[pools.api]\n"
        .to_owned();
    let turn = number as usize % 3;
    let [one, two] = [upstreams[turn], upstreams[(turn + 1) % 3]];
    writeln!(text, "upstreams = [\"http://{one}\", \"http://{two}\"]").unwrap();
    writeln!(text, "[pools.other]\nupstreams = [\"http://{two}\"]\nfailover = {}", number % 3).unwrap();
    writeln!(text, "balance = \"{}\"", ["round-robin", "random"][number as usize % 2]).unwrap();
    writeln!(text, "[routes.\"/api\"]\npool = \"api\"\n[routes.\"/r{number}\"]\npool = \"other\"").unwrap();
    text
}

fn address(line: &str) -> SocketAddr {
    line.rsplit("://").next().unwrap().trim().parse().unwrap()
}

fn assert_flat((early, late): (u64, u64)) {
    assert!(late <= early + early * MORE / 100, "{early} bytes became {late}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_under_wrk() {
    let _alone = alone().await;
    let Some(wrk) = require("wrk") else { return };
    let site = Site::start().await;
    let mut command = Command::new(wrk);
    command.args(["-c64", "-t1", "-d10m"]).arg(format!("http://{}/api/users", site.plain));
    let mut load = Process::start(command);
    let memory = site.reload_under().await;
    load.signal(Signal::Int).await;
    load.exit().await;
    let said = load.text(Stream::Out);
    eprintln!("{said}");
    assert!(said.contains("requests in"), "{said}");
    assert!(!said.contains("Socket errors") && !said.contains("Non-2xx"), "{said}");
    assert_flat(memory);
}

/// HTTP/2 over TLS, with a new certificate at each reload.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_under_h2load() {
    let _alone = alone().await;
    let Some(h2load) = require("h2load") else { return };
    let site = Site::start().await;
    let mut command = Command::new(h2load);
    command
        .args(["-c16", "-m4"])
        .arg(format!("-D{}", LOAD.as_secs()))
        .arg(format!("https://{}/api/users", site.secure));
    let mut load = Process::start(command);
    let memory = site.reload_under().await;
    load.exit_within(2 * LOAD).await;
    let said = load.text(Stream::Out);
    eprintln!("{said}");
    assert!(said.contains(" 0 failed, 0 errored, 0 timeout"), "{said}");
    assert!(said.contains(" 0 3xx, 0 4xx, 0 5xx"), "{said}");
    assert_flat(memory);
}
