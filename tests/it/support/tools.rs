//! Programs that some tests need and not every machine has.

use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::Command;

use super::process::Process;
use super::within;

/// Where a program is on `PATH`. If it is missing, the test that asks should return; the skip is printed here.
///
/// # Panics
/// If it is missing and `CI` is set: there, nothing is skipped.
pub fn require(program: &str) -> Option<PathBuf> {
    let found = find(program);
    if found.is_none() {
        skip(program);
    }
    found
}

/// The same for a file below `target/` that `.ci/run` fetches. Gives its text.
pub fn require_fetched(file: &str) -> Option<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join(file));
    if text.is_err() {
        skip(file);
    }
    text.ok()
}

/// The same for Python with a module.
pub async fn require_python_with(module: &str) -> Option<PathBuf> {
    let python = require("python3")?;
    let mut import = Command::new(&python);
    import.arg("-c").arg(format!("import {module}")).stderr(Stdio::null());
    let is_there = within("an import", import.status()).await.unwrap().success();
    if !is_there {
        skip(&format!("Python's {module}"));
    }
    is_there.then_some(python)
}

fn skip(missing: &str) {
    let message = format!("SKIPPED LOUDLY: {missing} missing, this test has proved nothing");
    assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "{message}");
    eprintln!("{message}");
}

fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    // Debian keeps servers in directories that are not on an ordinary user's PATH.
    let directories = env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    directories.map(|directory| directory.join(program)).find(|file| file.is_file())
}

/// A port that was free a moment ago. Only for programs that can't be told to take any port and say which.
///
/// It is below the ports that the system gives out by itself, so that no other socket gets it while its program is
/// down.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 10_000;
    const COUNT: u16 = 20_000;
    let start = u16::try_from(std::process::id() % u32::from(COUNT)).unwrap();
    let candidates =
        std::iter::repeat_with(|| FIRST + (start + NEXT.fetch_add(1, Ordering::Relaxed) % 997) % COUNT);
    let is_free = |port: &u16| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    candidates.take(997).find(is_free).expect("a free port")
}

/// nginx as an upstream: one process, with its files in a temporary directory. It is killed when dropped.
pub struct Nginx {
    addr: SocketAddr,
    process: Process,
    directory: TempDir,
}

impl Nginx {
    /// Starts nginx with `locations` in its only server block, such as `location / { return 200 "hi\n"; }`, and waits
    /// until it accepts connections. `None` where nginx is missing.
    pub async fn start(port: u16, locations: &str) -> Option<Self> {
        let program = require("nginx")?;
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("nginx.conf");
        std::fs::write(&config, configuration(&directory, port, locations)).unwrap();

        let mut command = Command::new(program);
        command.arg("-p").arg(directory.path()).arg("-c").arg(&config).arg("-e").arg("stderr");
        let mut process = Process::start(command);
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        tokio::select! {
            () = accepting(addr) => Some(Self { addr, process, directory }),
            status = process.exit() => panic!("nginx left with {status}: {:#?}", process.lines()),
        }
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Its prefix: files for `root` and `alias` go here.
    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }
}

fn configuration(directory: &TempDir, port: u16, locations: &str) -> String {
    let dir = directory.path().display();
    let temp_paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("    {kind}_temp_path {dir}/{kind};\n"))
        .collect();
    format!(
        "daemon off;\nmaster_process off;\npid {dir}/nginx.pid;\nerror_log stderr warn;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n{temp_paths}    access_log off;\n    keepalive_requests 1000000;\n\
         \x20   server {{\n        listen 127.0.0.1:{port};\n        {locations}\n    }}\n}}\n"
    )
}

/// Waits for a program that doesn't say when it is ready: this tries to connect.
pub async fn accepting(addr: SocketAddr) {
    let asking = async {
        while TcpStream::connect(addr).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within("it to accept connections", asking).await;
}
