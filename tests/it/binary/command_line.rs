//! Arguments, exit codes, and what the binary says when it cannot start.

use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

use super::{Binary, announced};
use crate::support::process::{Process, Signal, Stream};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::within;

#[tokio::test]
async fn a_taken_port_is_said_with_the_flag_that_helps() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let port = taken.local_addr().unwrap().port().to_string();
    refuses(&["--listen", &addr], &[&addr, "--listen"]).await;
    refuses(&["backend", &port], &[&addr, "PORT"]).await;
}

/// 9001 and 9002 are the ports of the demo: either this test takes them, or something else on this machine has them.
#[tokio::test]
async fn the_demo() {
    {
        let _held = TcpListener::bind((Ipv4Addr::LOCALHOST, 9001));
        refuses(&["--listen", "127.0.0.1:0"], &["127.0.0.1:9001", "--config"]).await;
    }
    if [9001, 9002].iter().any(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_err()) {
        let message = "SKIPPED LOUDLY: 9001 or 9002 is taken here, the demo was not tried";
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{message}");
        eprintln!("{message}");
        return;
    }
    let mut gateway = Process::gateway(["--listen", "127.0.0.1:0"]);
    let addr = announced(&gateway).await;
    let mut client = RawClient::connect(addr).await;
    for (path, port) in [("/api/users", 9001), ("/api/users", 9002), ("/static/x.png", 9001)] {
        let said = client.get(path).await.text();
        assert!(said.starts_with(&format!("hello from upstream {port}")), "{path}: {said}");
    }
    assert_eq!(client.get("/admin/dashboard").await.status(), 401);
    gateway.signal(Signal::Term).await;
    assert_eq!(gateway.exit().await.code(), Some(0));
}

#[tokio::test]
async fn a_backend_picks_its_port() {
    let mut backend = Process::gateway(["backend", "0"]);
    let line = backend.line_with("demo backend on http://").await;
    let addr: std::net::SocketAddr = line.trim_start_matches("demo backend on http://").parse().unwrap();
    assert_ne!(addr.port(), 0);
    let said = RawClient::connect(addr).await.get("/x").await.text();
    assert!(said.starts_with(&format!("hello from upstream {}", addr.port())), "{said}");
    backend.signal(Signal::Term).await;
    assert_eq!(backend.exit().await.code(), Some(0));
}

#[tokio::test]
async fn ipv6() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        eprintln!("SKIPPED LOUDLY: no IPv6 here");
        return;
    }
    let upstream = RecordingUpstream::start(|_| Script::ok("over six")).await;
    let gateway = Binary::start(&upstream, "", &["--listen", "[::1]:0"]).await;
    assert!(gateway.addr.is_ipv6());
    assert_eq!(RawClient::connect(gateway.addr).await.get("/api/x").await.text(), "over six");
    let seen = upstream.wait_for(1).await;
    assert_eq!(seen[0].headers.one("x-forwarded-for"), Some("::1"));
}

#[tokio::test]
async fn check_says_ok_or_where() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("gateway.toml");
    let name = file.to_str().unwrap();

    std::fs::write(&file, "[pools.a]\nupstreams = [\"http://127.0.0.1:1\"]\n[routes.\"/a\"]\npool = \"a\"\n")
        .unwrap();
    let mut check = Process::gateway(["check", "--config", name]);
    assert_eq!(check.exit().await.code(), Some(0), "{:#?}", check.lines());
    assert_eq!(check.text(Stream::Out), "ok\n");

    std::fs::write(&file, "[pools.a]\nupstreams = [\"http//x\"]\n\n[routes.\"/a\"]\npool = \"b\"\n").unwrap();
    for args in [&["check", "--config", name][..], &["--config", name]] {
        refuses(args, &[&format!("{name}:2:14"), &format!("{name}:5:8")]).await;
    }
    std::fs::remove_file(&file).unwrap();
    refuses(&["check", "--config", name], &[name]).await;
    refuses(&["--no-such-flag"], &["--no-such-flag"]).await;
}

/// Exits with 2, prints all of this on stderr, and nothing on stdout.
async fn refuses(args: &[&str], said: &[&str]) {
    let mut process = Process::gateway(args);
    let status = within("it to refuse", process.exit()).await;
    let error = process.text(Stream::Err);
    assert_eq!(status.code(), Some(2), "{args:?}: {error}");
    for said in said {
        assert!(error.contains(said), "{args:?}: no {said:?} in {error}");
    }
    assert_eq!(process.text(Stream::Out), "", "{args:?}");
}
