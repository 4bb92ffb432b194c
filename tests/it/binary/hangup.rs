//! SIGHUP, which ends a process that does not handle it.

use super::{Binary, announced};
use crate::support::process::{Process, Signal};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

#[tokio::test]
async fn it_is_a_line_in_the_log() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let Binary { process, addr, _directory } = Binary::over(&upstream, "").await;
    survives(process, addr, "/api/x").await;
    let backend = Process::gateway(["backend", "0"]);
    let addr = announced(&backend).await;
    survives(backend, addr, "/x").await;
}

async fn survives(mut process: Process, addr: std::net::SocketAddr, path: &str) {
    let mut client = RawClient::connect(addr).await;
    assert_eq!(client.get(path).await.status(), 200);
    process.signal(Signal::Hup).await;
    let line = process.line_with("SIGHUP").await;
    assert!(line.contains("WARN") && line.contains("restart"), "{line}");
    assert_eq!(client.get(path).await.status(), 200, "the connection was kept");
    process.signal(Signal::Hup).await;
    process.signal(Signal::Term).await;
    assert_eq!(process.exit().await.code(), Some(0), "{:#?}", process.lines());
}
