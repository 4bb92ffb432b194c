//! `gateway upgrade` again and again under load: no connection is refused, and no request fails.

use std::time::Instant;

use tokio::process::Command;

use crate::alone;
use crate::support::load::{Load, Outcome};
use crate::support::process::{Process, Signal, Stream};
use crate::support::successor::Successor;
use crate::support::tools::{free_port, require};
use crate::support::within;

const UPGRADES: usize = 20;
/// How many answers come between one upgrade and the next.
const ENOUGH: u64 = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_connection_is_refused_and_no_request_fails() {
    let Some(wrk) = require("wrk") else { return };
    let _alone = alone().await;
    let backend = Process::gateway(["backend", "0"]);
    let backend_addr = backend.line_with(" on http://").await;
    let backend_addr = backend_addr.rsplit("http://").next().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (file, pid_file) = (directory.path().join("gateway.toml"), directory.path().join("gateway.pid"));
    let addr = format!("127.0.0.1:{}", free_port());
    let config = format!(
        "listen = \"{addr}\"\nworkers = 2\n[pools.api]\nupstreams = [\"http://{backend_addr}\"]\n[routes.\"/api\"]\npool = \"api\"\n"
    );
    std::fs::write(&file, config).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    command.arg("--config").arg(&file).arg("--pid-file").arg(&pid_file).env("RUST_LOG", "warn");
    let first = Process::start(command);
    first.line_with("gateway on http://").await;

    let mut command = Command::new(wrk);
    command.args(["-c64", "-t1", "-d10m"]).arg(format!("http://{addr}/api/users"));
    let mut running = Process::start(command);
    let load = Load::start(addr.parse().unwrap(), 16);
    load.more(ENOUGH).await;
    let began = Instant::now();
    let mut serving = None;
    for _ in 0..UPGRADES {
        let mut upgrade = Command::new(env!("CARGO_BIN_EXE_gateway"));
        let done = upgrade.arg("upgrade").arg("--pid-file").arg(&pid_file).output();
        let done = within("the upgrade", done).await.unwrap();
        assert!(done.status.success(), "{done:?}\n{}", first.text(Stream::Err));
        let before = serving.replace(Successor::named_in(&pid_file));
        // Those before end by themselves.
        if let Some(before) = before {
            std::mem::forget(before);
        }
        load.more(ENOUGH).await;
    }
    let took = began.elapsed();
    let Outcome { answered, failed } = load.stop().await;
    running.signal(Signal::Int).await;
    running.exit().await;
    let report = running.text(Stream::Out);
    eprintln!(
        "{UPGRADES} upgrades in {took:?}: {answered} GETs answered, {} failed; wrk -c64:\n{report}",
        failed.len()
    );
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(!report.contains("Non-2xx") && !report.contains("Socket errors"), "{report}");
    drop(serving);
}
