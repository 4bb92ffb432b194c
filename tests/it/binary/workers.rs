//! The `workers` of the configuration are threads of the process.

use std::fs;

use super::Binary;
use crate::support::process::{Process, Signal, Stream};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

#[tokio::test]
async fn two_serve_and_stop() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let mut gateway = Binary::over(&upstream, "workers = 2").await;
    for _ in 0..20 {
        assert_eq!(RawClient::connect(gateway.addr).await.get("/api/x").await.text(), "fine");
    }
    #[cfg(target_os = "linux")]
    assert_eq!(workers_besides_the_first(gateway.process.pid()), 1);
    gateway.process.signal(Signal::Term).await;
    assert_eq!(gateway.process.exit().await.code(), Some(0), "{:#?}", gateway.process.lines());
}

/// However many workers there are: a second gateway on the same port is refused.
#[tokio::test]
async fn a_second_gateway_is_refused() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    for (first, second) in [(2, 2), (2, 1), (1, 2)] {
        let first = Binary::over(&upstream, &format!("workers = {first}")).await;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("gateway.toml");
        let config = format!("listen = \"{}\"\nworkers = {second}", first.addr);
        fs::write(&file, crate::support::gateway::one_pool(&upstream.url(), &config)).unwrap();
        let mut second = Process::gateway(["--config".as_ref(), file.as_os_str()]);
        assert_eq!(second.exit().await.code(), Some(2));
        let said = second.text(Stream::Err);
        assert!(said.contains(&first.addr.to_string()) && said.contains("--listen"), "{said}");
    }
}

#[cfg(target_os = "linux")]
fn workers_besides_the_first(pid: u32) -> usize {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let names = threads.map(|thread| fs::read_to_string(thread.unwrap().path().join("comm")).unwrap());
    names.filter(|name| name.starts_with("worker-")).count()
}
