//! How much memory the gateway uses while large or stalled bodies pass, or while clients are idle: very little. The
//! gateway runs as a separate process, so that nothing else is measured with it.

mod bulk;
#[cfg(feature = "mimalloc")]
mod closed;
mod idle;
mod sockets;
mod stalled;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::support::mem::memory;
use crate::support::process::Process;
use crate::support::raw::RawClient;
use crate::support::sole::Sole;
use crate::together;
use tempfile::TempDir;
use tokio::sync::RwLockReadGuard;

const MIB: u64 = 1 << 20;

/// The binary, in front of one upstream.
struct Separate {
    process: Process,
    addr: SocketAddr,
    _directory: TempDir,
    _machine: RwLockReadGuard<'static, ()>,
}

impl Separate {
    /// Starts it and sends one request, so that what is allocated once is already there.
    async fn before(upstream: SocketAddr) -> Self {
        let machine = together().await;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("gateway.toml");
        let config = format!("listen = \"127.0.0.1:0\"\nworkers = 2\n{}", Sole::new(upstream).config());
        std::fs::write(&file, config).unwrap();
        let process = Process::gateway(["--config".as_ref(), file.as_os_str()]);
        let addr = address(&process.line_with("gateway on http://").await);
        assert_eq!(RawClient::connect(addr).await.get("/gated/warm-up").await.status(), 401);
        Self { process, addr, _directory: directory, _machine: machine }
    }

    fn rss(&self) -> u64 {
        memory(self.process.pid()).rss
    }
}

/// The demo upstream, as a process of its own too.
async fn demo() -> (Process, SocketAddr) {
    let process = Process::gateway(["backend", "0"]);
    let addr = address(&process.line_with("demo backend on http://").await);
    (process, addr)
}

fn address(line: &str) -> SocketAddr {
    line.rsplit("http://").next().unwrap().trim().parse().unwrap()
}

/// The most memory that a process uses while it is watched.
struct Peak {
    stop: Arc<AtomicBool>,
    watching: JoinHandle<u64>,
}

impl Peak {
    fn watch(pid: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let watching = std::thread::spawn(move || {
            let mut peak = memory(pid).rss;
            while !told.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(10));
                peak = peak.max(memory(pid).rss);
            }
            peak
        });
        Self { stop, watching }
    }

    fn seen(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.watching.join().unwrap()
    }
}
