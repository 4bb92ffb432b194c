//! Reading the file again: on SIGHUP, and when it changes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::process::Command;

use super::announced;
use crate::support::gateway::one_pool;
use crate::support::process::{Process, Signal};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

/// The gateway, and the directory of its file.
struct Reloading {
    process: Process,
    addr: SocketAddr,
    directory: TempDir,
}

impl Reloading {
    async fn start(prepare: impl FnOnce(&Path), args: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        prepare(directory.path());
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.arg("--config").arg(directory.path().join("gateway.toml"));
        command
            .args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .args(args)
            .env("RUST_LOG", "info");
        let process = Process::start(command);
        let addr = announced(&process).await;
        Self { process, addr, directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

async fn upstream(says: &'static str) -> RecordingUpstream {
    RecordingUpstream::start(move |_| Script::ok(says)).await
}

#[tokio::test]
async fn on_sighup_and_without_a_watch_not_before() {
    let (one, two) = (upstream("one").await, upstream("two").await);
    let first = one_pool(&one.url(), "");
    let file = |directory: &Path| std::fs::write(directory.join("gateway.toml"), &first).unwrap();
    let mut gateway = Reloading::start(file, &["--no-watch"]).await;
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(client.get("/api/x").await.text(), "one");
    std::fs::write(gateway.path("gateway.toml"), one_pool(&two.url(), "")).unwrap();
    assert_eq!(client.get("/api/x").await.text(), "one");
    gateway.process.signal(Signal::Hup).await;
    let line = gateway.process.line_with("generation 2: ").await;
    assert!(line.contains(&format!("+api:{}", two.url())), "{line}");
    assert_eq!(client.get("/api/x").await.text(), "two", "on the same connection");

    std::fs::write(gateway.path("gateway.toml"), one_pool("http://", "wrokers = 2")).unwrap();
    gateway.process.signal(Signal::Hup).await;
    let line = gateway.process.line_with("refused: ").await;
    assert!(line.contains("gateway.toml:1:1: unknown key"), "{line}");
    assert_eq!(client.get("/api/x").await.text(), "two", "a bad file changes nothing");
    let status = gateway.process.operator().await.get("/api/v1/status").await;
    assert_eq!(status["generation"]["number"], 2);
    let why = status["generation"]["refused"]["why"].as_str().unwrap();
    assert!(why.contains("unknown key") && why.ends_with("(and 1 more)"), "{why}");
    gateway.process.signal(Signal::Term).await;
    assert_eq!(gateway.process.exit().await.code(), Some(0));
}

#[tokio::test]
async fn when_an_editor_writes_or_renames() {
    let (one, two) = (upstream("one").await, upstream("two").await);
    let first = one_pool(&one.url(), "");
    let file = |directory: &Path| std::fs::write(directory.join("gateway.toml"), &first).unwrap();
    let gateway = Reloading::start(file, &[]).await;
    let mut client = RawClient::connect(gateway.addr).await;
    std::fs::write(gateway.path("gateway.toml"), one_pool(&two.url(), "")).unwrap();
    gateway.process.line_with("generation 2: ").await;
    assert_eq!(client.get("/api/x").await.text(), "two");
    std::fs::write(gateway.path(".gateway.toml.swp"), one_pool(&one.url(), "")).unwrap();
    std::fs::rename(gateway.path(".gateway.toml.swp"), gateway.path("gateway.toml")).unwrap();
    gateway.process.line_with("generation 3: ").await;
    assert_eq!(client.get("/api/x").await.text(), "one");
    std::fs::remove_file(gateway.path("gateway.toml")).unwrap();
    let line = gateway.process.line_with("refused: ").await;
    assert!(line.contains("can't be read"), "{line}");
    assert_eq!(client.get("/api/x").await.text(), "one");
}

/// As Kubernetes mounts a ConfigMap.
#[cfg(unix)]
#[tokio::test]
async fn when_a_symlink_is_swapped() {
    use std::os::unix::fs::symlink;

    let (one, two) = (upstream("one").await, upstream("two").await);
    let publish = |directory: &Path, version: &str, text: &str| {
        std::fs::create_dir(directory.join(version)).unwrap();
        std::fs::write(directory.join(version).join("gateway.toml"), text).unwrap();
        symlink(version, directory.join("..tmp")).unwrap();
        std::fs::rename(directory.join("..tmp"), directory.join("..data")).unwrap();
    };
    let mounted = |directory: &Path| {
        publish(directory, "..1", &one_pool(&one.url(), ""));
        symlink("..data/gateway.toml", directory.join("gateway.toml")).unwrap();
    };
    let gateway = Reloading::start(mounted, &[]).await;
    let mut client = RawClient::connect(gateway.addr).await;
    for (version, generation, upstream, says) in [("..2", 2, &two, "two"), ("..3", 3, &one, "one")] {
        publish(gateway.directory.path(), version, &one_pool(&upstream.url(), ""));
        gateway.process.line_with(&format!("generation {generation}: ")).await;
        assert_eq!(client.get("/api/x").await.text(), says);
    }
}

#[tokio::test]
async fn when_a_file_changes_that_the_configuration_names() {
    let upstream = upstream("inside").await;
    let gated = one_pool(&upstream.url(), "") + "admin_tokens = [{ file = \"token\" }]\n";
    let files = |directory: &Path| {
        std::fs::write(directory.join("gateway.toml"), &gated).unwrap();
        std::fs::write(directory.join("token"), "the-first-token-of-all").unwrap();
    };
    let gateway = Reloading::start(files, &[]).await;
    let mut client = RawClient::connect(gateway.addr).await;
    std::fs::write(gateway.path("token"), "another-token-altogether").unwrap();
    let line = gateway.process.line_with("generation 2: ").await;
    assert!(line.contains("~/api") && !line.contains("token"), "{line}");
    for (token, status) in [("the-first-token-of-all", 403), ("another-token-altogether", 200)] {
        client.send(format!("GET /api/x HTTP/1.1\r\nHost: test\r\nX-Admin-Token: {token}\r\n\r\n")).await;
        assert_eq!(client.response().await.status(), status, "{token}");
    }
}
