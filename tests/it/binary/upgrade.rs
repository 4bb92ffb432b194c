//! A restart by `gateway upgrade`, and what systemd is told and gives.

use std::path::Path;

use tempfile::TempDir;
use tokio::net::UnixDatagram;
use tokio::process::Command;

use super::announced;
use crate::support::gateway::one_pool;
use crate::support::process::{Process, Signal};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::successor::Successor;
use crate::support::tools::require;
use crate::support::within;

/// A configuration and a pid file in a directory of their own.
struct Files {
    directory: TempDir,
}

impl Files {
    fn over(upstream: &RecordingUpstream, config: &str) -> Self {
        let files = Self { directory: tempfile::tempdir().unwrap() };
        std::fs::write(files.config(), one_pool(&upstream.url(), config)).unwrap();
        files
    }

    fn config(&self) -> std::path::PathBuf {
        self.directory.path().join("gateway.toml")
    }

    fn pid(&self) -> std::path::PathBuf {
        self.directory.path().join("gateway.pid")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.arg("--config").arg(self.config()).arg("--pid-file").arg(self.pid());
        command
    }
}

async fn upgrade(pid_file: &Path) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    command.arg("upgrade").arg("--pid-file").arg(pid_file);
    within("the upgrade", command.output()).await.unwrap()
}

#[tokio::test]
async fn another_process_takes_over() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let files = Files::over(&upstream, "listen = \"127.0.0.1:0\"\nworkers = 2");
    let process = Process::start(files.command());
    let addr = announced(&process).await;
    let mut kept = RawClient::connect(addr).await;
    assert_eq!(kept.get("/api/x").await.status(), 200);

    let done = upgrade(&files.pid()).await;
    assert!(done.status.success(), "{done:?} {:#?}", process.lines());
    let successor = Successor::named_in(&files.pid());
    assert_ne!(successor.pid, process.pid());
    let last = kept.get("/api/x").await;
    assert_eq!((last.status(), last.header("connection")), (200, Some("close")));
    kept.expect_close().await;
    process.line_with("stopped").await;
    assert_eq!(RawClient::connect(addr).await.get("/api/x").await.status(), 200);
}

#[tokio::test]
async fn where_none_takes_over_the_gateway_goes_on() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let files = Files::over(&upstream, "listen = \"127.0.0.1:0\"");
    let process = Process::start(files.command());
    let addr = announced(&process).await;
    let mut kept = RawClient::connect(addr).await;
    assert_eq!(kept.get("/api/x").await.status(), 200);
    std::fs::write(files.config(), "listen = 1").unwrap();
    process.signal(Signal::Usr2).await;
    let line = process.line_with("no other process takes over").await;
    assert!(line.contains("before it was ready"), "{line}");
    let answer = kept.get("/api/x").await;
    assert_eq!((answer.status(), answer.header("connection")), (200, None));
}

#[tokio::test]
async fn systemd_is_told() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let files = Files::over(&upstream, "listen = \"127.0.0.1:0\"");
    let socket = files.directory.path().join("notify");
    let told = UnixDatagram::bind(&socket).unwrap();
    let mut command = files.command();
    command.env("NOTIFY_SOCKET", &socket);
    let process = Process::start(command);
    assert_eq!(message(&told).await, "READY=1\n");
    process.signal(Signal::Hup).await;
    let reloading = message(&told).await;
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert_eq!(message(&told).await, "READY=1\n");
    assert!(upgrade(&files.pid()).await.status.success());
    let successor = Successor::named_in(&files.pid());
    let mut messages = [message(&told).await, message(&told).await];
    messages.sort();
    assert_eq!(messages, [format!("MAINPID={}\nREADY=1\n", successor.pid), "READY=1\n".to_owned()]);
    process.line_with("stopped").await;
    successor.signal("-TERM");
    assert_eq!(message(&told).await, "STOPPING=1\n");
}

async fn message(socket: &UnixDatagram) -> String {
    let mut buffer = [0; 256];
    let length = within("a message", socket.recv(&mut buffer)).await.unwrap();
    String::from_utf8_lossy(&buffer[..length]).into_owned()
}

/// Python does what systemd does: it opens the sockets, and becomes the gateway.
const ACTIVATE: &str = r#"
import os, socket, sys
tcp = socket.create_server(("127.0.0.1", int(sys.argv[1])))
os.dup2(tcp.fileno(), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"#;

#[tokio::test]
async fn sockets_of_systemd_are_used() {
    let Some(python) = require("python3") else { return };
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let port = crate::support::tools::free_port();
    let files = Files::over(&upstream, &format!("listen = \"127.0.0.1:{port}\"\nworkers = 3"));
    let mut command = Command::new(python);
    command.arg("-c").arg(ACTIVATE).arg(port.to_string()).arg(env!("CARGO_BIN_EXE_gateway"));
    command.arg("--config").arg(files.config());
    let process = Process::start(command);
    let addr = announced(&process).await;
    assert_eq!(addr.port(), port);
    for _ in 0..10 {
        assert_eq!(RawClient::connect(addr).await.get("/api/x").await.status(), 200);
    }
}
