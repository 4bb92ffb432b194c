//! Pebble, the ACME authority for tests, and a DNS server that says that every name is on this machine.

use std::fs;
use std::path::PathBuf;

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::process::Process;
use crate::support::tools::{free_port, require};

/// A name that it refuses.
pub(super) const REFUSED: &str = "refused.example";

/// Where it looks for proofs, and what it issues.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    pub(super) http: u16,
    pub(super) tls: u16,
    /// How long its certificates are valid.
    pub(super) seconds: u32,
}

/// Both are killed when this is dropped.
pub(super) struct Pebble {
    pub(super) process: Process,
    _dns: Process,
    management: u16,
}

/// What is there before it runs: a port, and a certificate for it.
pub(super) struct Place {
    pub(super) directory: TempDir,
    port: u16,
}

impl Place {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        fs::write(directory.path().join("pebble.pem"), certificate.pem()).unwrap();
        fs::write(directory.path().join("pebble.key"), key.serialize_pem()).unwrap();
        Self { directory, port: free_port() }
    }

    /// The keys of `acme` that lead to it.
    pub(super) fn keys(&self) -> String {
        let trusted = self.directory.path().join("pebble.pem");
        format!("directory = \"https://127.0.0.1:{}/dir\", directory_ca_file = {trusted:?}", self.port)
    }
}

impl Pebble {
    /// Starts it, and waits until it listens. `None` where it is missing.
    pub(super) async fn start(place: &Place, settings: Settings) -> Option<Self> {
        let (pebble, dns) = (require("pebble")?, require("pebble-challtestsrv")?);
        let (management, names) = (free_port(), free_port());
        let dns = say_every_name_is_here(dns, names).await;

        let file = place.directory.path().join("pebble.json");
        fs::write(&file, configuration(place, management, settings)).unwrap();
        let mut command = Command::new(pebble);
        command.arg("-config").arg(&file).arg("-dnsserver").arg(format!("127.0.0.1:{names}"));
        // By default it waits for some seconds before it looks at a proof.
        command.env("PEBBLE_VA_NOSLEEP", "1");
        let process = Process::start(command);
        process.line_with("ACME directory available").await;
        Some(Self { process, _dns: dns, management })
    }

    /// Writes the certificate of its authority into a file.
    pub(super) async fn root(&self, place: &Place) -> Option<PathBuf> {
        let file = place.directory.path().join("root.pem");
        let url = format!("https://127.0.0.1:{}/roots/0", self.management);
        let trusted = place.directory.path().join("pebble.pem");
        let mut curl = Command::new(require("curl")?);
        curl.arg("-sf").arg("--cacert").arg(trusted).arg(url).arg("-o").arg(&file);
        assert!(curl.status().await.unwrap().success());
        Some(file)
    }

    /// How many orders it was asked for.
    pub(super) fn orders(&self) -> usize {
        self.process
            .lines()
            .iter()
            .filter(|line| line.text.contains("There are now") && line.text.contains("orders"))
            .count()
    }
}

async fn say_every_name_is_here(program: PathBuf, port: u16) -> Process {
    let mut command = Command::new(program);
    command.arg("-dns01").arg(format!("127.0.0.1:{port}")).args(["-defaultIPv4", "127.0.0.1"]);
    for off in ["-defaultIPv6", "-http01", "-https01", "-tlsalpn01"] {
        command.args([off, ""]);
    }
    command.arg("-management").arg(format!("127.0.0.1:{}", free_port()));
    let process = Process::start(command);
    process.line_with("Starting management server").await;
    process
}

fn configuration(place: &Place, management: u16, settings: Settings) -> String {
    let Settings { http, tls, seconds } = settings;
    let (port, directory) = (place.port, place.directory.path().display());
    format!(
        r#"{{"pebble": {{
            "listenAddress": "127.0.0.1:{port}", "managementListenAddress": "127.0.0.1:{management}",
            "certificate": "{directory}/pebble.pem", "privateKey": "{directory}/pebble.key",
            "httpPort": {http}, "tlsPort": {tls}, "ocspResponderURL": "",
            "externalAccountBindingRequired": false, "domainBlocklist": ["{REFUSED}"],
            "retryAfter": {{"authz": 1, "order": 1}}, "certificateValidityPeriod": {seconds}
        }}}}"#
    )
}
