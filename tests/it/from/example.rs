//! A folder of `examples/from/`, with ports that are free in place of those that it names.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use tempfile::TempDir;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::asked::Outcome;
use super::compared::Compared;
use super::requests::{self, Request};
use super::upstream::{self, Got};
use super::{original::Original, readme};
use crate::support::gateway::TestGateway;
use crate::support::tools::free_port;

const FOLDERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/from");
/// Where original and gateway listen in all of them.
const LISTEN: u16 = 8080;
const OURS: &str = "gateway.toml";

/// What a test says of its folder.
pub(super) struct Example {
    pub(super) folder: &'static str,
    /// The original's file, if a program is here that reads it.
    pub(super) original: Option<&'static str>,
    /// The host that is asked for.
    pub(super) host: &'static str,
    /// The upstreams, and the ports that the files name for them.
    pub(super) upstreams: &'static [(&'static str, u16)],
}

/// The example with its upstreams running.
pub(super) struct Running {
    host: &'static str,
    directory: TempDir,
    requests: Vec<Request>,
    told: UnboundedReceiver<Got>,
    /// Where the original is to listen.
    pub(super) port: u16,
}

impl Example {
    pub(super) async fn start(&self) -> Running {
        let from = Path::new(FOLDERS).join(self.folder);
        let directory = tempfile::tempdir().unwrap();
        copy(&from, directory.path());
        let port = free_port();
        let (tell, told) = mpsc::unbounded_channel();
        let mut ports = Vec::new();
        for &(name, port) in self.upstreams {
            ports.push((port, upstream::start(name, tell.clone()).await.port()));
        }
        for (file, listen) in [(OURS, 0)].into_iter().chain(self.original.map(|file| (file, port))) {
            ports.push((LISTEN, listen));
            rewrite(&directory.path().join(file), &ports);
            ports.pop();
        }
        let requests = requests::read(&fs::read_to_string(from.join("requests.txt")).unwrap());
        assert_eq!(requests.len(), 50, "{}", self.folder);
        Running { host: self.host, directory, requests, told, port }
    }

    /// Asks both for each line of `requests.txt`.
    ///
    /// # Panics
    /// If they differ in what the README doesn't name, or don't differ in what it names.
    pub(super) async fn compare(&self, mut running: Running, original: &Original) {
        let readme = fs::read_to_string(Path::new(FOLDERS).join(self.folder).join("README.md")).unwrap();
        let mut compared = Compared::but_for(readme::differences(&readme));
        let gateway = running.gateway();
        for request in &running.requests {
            let theirs = Outcome::of(request, running.host, original.addr, &mut running.told).await;
            let ours = Outcome::of(request, running.host, gateway.addr, &mut running.told).await;
            compared.add(request, &theirs, &ours);
        }
        compared.assert_alike();
    }
}

impl Running {
    /// Where the files are.
    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(super) fn addr(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    fn gateway(&self) -> TestGateway {
        TestGateway::of_file(&self.directory.path().join(OURS))
    }

    /// Asks the gateway for each line of `requests.txt`.
    ///
    /// # Panics
    /// If anything but what is expected comes of it.
    pub(super) async fn ask_the_gateway(mut self) {
        let gateway = self.gateway();
        let mut problems = Vec::new();
        for request in &self.requests {
            let outcome = Outcome::of(request, self.host, gateway.addr, &mut self.told).await;
            let expected = request.ours.as_ref().unwrap_or(&request.expected);
            let unlike = outcome.unlike(expected, &request.method);
            problems.extend(unlike.map(|what| format!("{}\n    {what}", request.text)));
        }
        assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Puts other ports into a file, which has to name each of them.
fn rewrite(file: &Path, ports: &[(u16, u16)]) {
    let mut text = fs::read_to_string(file).unwrap();
    for (named, free) in ports {
        // Not yet as a port, or the next one could take it for its own.
        let (from, to) = (format!(":{named}"), format!(":<{free}>"));
        assert!(text.contains(&from), "{} has no {from}", file.display());
        text = text.replace(&from, &to);
    }
    for (_, free) in ports {
        text = text.replace(&format!(":<{free}>"), &format!(":{free}"));
    }
    fs::write(file, text).unwrap();
}
