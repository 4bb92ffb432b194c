//! The gateway binary, serving a configuration on a port of its own.

use std::net::SocketAddr;

use tempfile::TempDir;
use tokio::process::Command;

use super::process::Process;

/// Killed when dropped.
pub struct Running {
    pub process: Process,
    pub addr: SocketAddr,
    _directory: TempDir,
}

impl Running {
    /// `config` is everything except `listen`; `log` is the value of `RUST_LOG`.
    pub async fn start(config: &str, log: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("gateway.toml");
        std::fs::write(&file, format!("listen = \"127.0.0.1:0\"\n{config}")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.arg("--config").arg(&file).env("RUST_LOG", log);
        let process = Process::start(command);
        let announced = process.line_with("gateway on http://").await;
        let addr = announced.rsplit('/').next().unwrap().parse().unwrap();
        Self { process, addr, _directory: directory }
    }
}
