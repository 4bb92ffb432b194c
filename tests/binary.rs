//! The binary as it is run: signals, exit codes, what it prints. Nothing here knows the library.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

#[path = "binary/command_line.rs"]
mod command_line;
#[path = "binary/logs.rs"]
mod logs;
#[path = "binary/shutdown.rs"]
mod shutdown;
#[path = "binary/workers.rs"]
mod workers;

use std::net::SocketAddr;

use support::process::Process;
use support::recorder::RecordingUpstream;
use tempfile::TempDir;

/// The gateway over a configuration file, on a port of its own.
struct Binary {
    process: Process,
    addr: SocketAddr,
    _directory: TempDir,
}

impl Binary {
    /// `/api` over `upstream`, after whatever else the configuration says.
    async fn over(upstream: &RecordingUpstream, config: &str) -> Self {
        Self::start(upstream, config, &["--listen", "127.0.0.1:0"]).await
    }

    async fn start(upstream: &RecordingUpstream, config: &str, args: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("gateway.toml");
        std::fs::write(&file, support::gateway::one_pool(&upstream.url(), config)).unwrap();
        let file = file.to_str().unwrap().to_owned();
        let args = ["--config", &file].into_iter().chain(args.iter().copied());
        let process = Process::gateway(args);
        let addr = announced(&process).await;
        Self { process, addr, _directory: directory }
    }
}

/// The address after `gateway on http://`.
async fn announced(process: &Process) -> SocketAddr {
    let line = process.line_with("gateway on http://").await;
    line.trim_start_matches("gateway on http://").parse().unwrap()
}
