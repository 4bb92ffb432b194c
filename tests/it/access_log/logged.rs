//! A gateway process with a recording upstream; its access lines are parsed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::support::canary::canary;
use crate::support::process::{Process, Signal, Stream};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordedRequest, RecordingUpstream, Script};
use crate::support::relay::configuration;

pub(crate) struct Logged {
    pub(crate) addr: SocketAddr,
    pub(crate) upstream: RecordingUpstream,
    process: Process,
    directory: TempDir,
}

/// `/api`, `/admin` behind a gate, and `/dead` to a port on which nothing listens.
const ROUTES: &str = r#"
    [pools.dead]
    upstreams = ["http://127.0.0.1:1"]
    [routes."/api"]
    pool = "plain"
    [routes."/admin"]
    pool = "plain"
    admin_tokens = ["letmein"]
    [routes."/dead"]
    pool = "dead"
"#;

impl Logged {
    pub(crate) async fn start(
        args: &[&str],
        head: &str,
        script: impl Fn(&RecordedRequest) -> Script + Send + Sync + 'static,
    ) -> Self {
        let upstream = RecordingUpstream::start(script).await;
        let config = configuration(head, upstream.addr(), ROUTES);
        Self::over(upstream, args, &config).await
    }

    pub(crate) async fn over(upstream: RecordingUpstream, args: &[&str], config: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("gateway.toml");
        std::fs::write(&file, format!("listen = \"127.0.0.1:0\"\n{config}")).unwrap();
        let process = Process::gateway([&["--config", file.to_str().unwrap()], args].concat());
        let announced = process.line_with("gateway on http://").await;
        let addr = announced.rsplit('/').next().unwrap().parse().unwrap();
        Self { addr, upstream, process, directory }
    }

    /// Sends a request with that id, reads the answer and waits for the line.
    pub(crate) async fn line_of(&self, method: &str, target: &str, id: &str, lines: &[&str]) -> Line {
        let mut client = RawClient::connect(self.addr).await;
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        client
            .send(format!("{method} {target} HTTP/1.1\r\nHost: test\r\nX-Request-Id: {id}\r\n{lines}\r\n"))
            .await;
        client.response_to(method).await;
        self.line(id).await
    }

    /// Waits for the line of the request with that id.
    pub(crate) async fn line(&self, id: &str) -> Line {
        Line::parse(&self.process.line_with(&format!("id=\"{id}\"")).await)
    }

    /// Every access line so far. It sends a request of its own first, so that everything logged before that is
    /// included.
    pub(crate) async fn lines(&self) -> Vec<String> {
        self.line_of("GET", "/healthz", &canary("sentinel"), &[]).await;
        self.text().lines().filter(|line| line.contains(" access: ")).map(str::to_owned).collect()
    }

    /// Waits for a line in whatever format.
    pub(crate) async fn raw_line(&self, text: &str) -> String {
        self.process.line_with(text).await
    }

    /// The whole output, of both streams.
    pub(crate) fn all(&self) -> String {
        self.process.text(Stream::Out) + &self.text()
    }

    /// A file beside the configuration.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) async fn signal(&self, signal: Signal) {
        self.process.signal(signal).await;
    }

    /// Stops it, so that everything is written.
    pub(crate) async fn stop(&mut self) {
        self.process.signal(Signal::Term).await;
        assert_eq!(self.process.exit().await.code(), Some(0));
    }

    /// The whole log.
    pub(crate) fn text(&self) -> String {
        self.process.text(Stream::Err)
    }
}

/// An access line by its fields.
#[derive(Debug)]
pub(crate) struct Line(BTreeMap<String, String>);

impl Line {
    /// # Panics
    /// If it isn't a line of the access log at INFO.
    pub(crate) fn parse(text: &str) -> Self {
        let (head, fields) = text.split_once(" access: ").unwrap_or_else(|| panic!("{text}"));
        assert!(head.trim_end().ends_with("INFO"), "{text}");
        let field = |field: &str| {
            let (name, value) = field.split_once('=').unwrap_or_else(|| panic!("{text}"));
            (name.to_owned(), value.trim_matches('"').to_owned())
        };
        Self(fields.split(' ').map(field).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn number(&self, name: &str) -> u64 {
        self.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}")).parse().unwrap()
    }

    /// How the request ended: status, tries and kind of error.
    pub(crate) fn end(&self) -> (u64, u64, Option<&str>) {
        (self.number("status"), self.number("tries"), self.get("error"))
    }
}

/// What a gateway says that doesn't start with these lines in its configuration.
pub(crate) async fn refused(log: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("gateway.toml");
    let config = configuration("", SocketAddr::from(([127, 0, 0, 1], 1)), ROUTES);
    std::fs::write(&file, format!("listen = \"127.0.0.1:0\"\n{config}\n{log}")).unwrap();
    let mut process = Process::gateway(["--config", file.to_str().unwrap()]);
    assert_eq!(process.exit().await.code(), Some(2), "{}", process.text(Stream::Err));
    process.text(Stream::Err)
}
