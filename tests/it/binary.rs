//! The binary as it is run: signals, exit codes, output. These tests use nothing of the library.

mod command_line;
mod hangup;
mod log_readers;
mod logs;
mod reload;
mod shutdown;
mod upgrade;
mod workers;

use std::net::SocketAddr;
use std::process::Stdio;

use crate::support::process::Process;
use crate::support::recorder::RecordingUpstream;
use tempfile::TempDir;
use tokio::process::Command;

/// The gateway with a configuration file, on a port of its own.
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
        Self::start_with_stderr(upstream, config, args, Stdio::piped()).await
    }

    async fn start_with_stderr(
        upstream: &RecordingUpstream,
        config: &str,
        args: &[&str],
        stderr: impl Into<Stdio>,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("gateway.toml");
        std::fs::write(&file, crate::support::gateway::one_pool(&upstream.url(), config)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.arg("--config").arg(&file).args(args);
        let process = Process::start_with_stderr(command, stderr);
        let addr = announced(&process).await;
        Self { process, addr, _directory: directory }
    }
}

/// The address after `gateway on http://`.
async fn announced(process: &Process) -> SocketAddr {
    let line = process.line_with(" on http://").await;
    line.rsplit("http://").next().unwrap().parse().unwrap()
}
