//! Certificates by themselves, ordered from Pebble, which is the authority that Let's Encrypt's makers test clients
//! with.

mod pebble;

use std::path::Path;

use tokio::process::Command;

use self::pebble::{Pebble, Place, REFUSED, Settings};
use crate::support::process::{Process, Signal};
use crate::support::tools::{free_port, require};

const SHOWN: &str = "a certificate is shown from now on";

/// The ports of a gateway.
#[derive(Clone, Copy)]
struct Ports {
    http: u16,
    tls: u16,
}

impl Ports {
    fn free() -> Self {
        Self { http: free_port(), tls: free_port() }
    }

    fn with_certificates_for(self, seconds: u32) -> Settings {
        Settings { http: self.http, tls: self.tls, seconds }
    }
}

const DAYS: u32 = 90 * 24 * 60 * 60;

/// A gateway with one listener with TLS, whose certificate is ordered for `domain`, and one without. That
/// one redirects, if the authority comes to it.
fn gateway(place: &Place, ports: Ports, domain: &str, challenge: &str) -> Process {
    let file = place.directory.path().join(format!("gateway-{}.toml", ports.tls));
    let Ports { http, tls } = ports;
    let redirect =
        if challenge == "http-01" { format!(", redirect = \"https:{tls}\"") } else { String::new() };
    let keys = place.keys();
    let text = format!(
        "listen = [{{ address = \"127.0.0.1:{http}\"{redirect} }}, {{ address = \"127.0.0.1:{tls}\", tls = {{ acme = {{ \
         domains = [\"{domain}\"], {keys}, storage = \"acme\", challenge = \"{challenge}\" }} }} }}]\n\
         workers = 2\n[pools.a]\nupstreams = [\"http://127.0.0.1:9\"]\n[routes.\"/a\"]\npool = \"a\"\n"
    );
    std::fs::write(&file, text).unwrap();
    Process::gateway(["--config".as_ref(), file.as_os_str()])
}

/// Whether curl, which trusts the authority in `root` alone, gets an answer.
async fn is_served(root: &Path, domain: &str, ports: Ports) -> bool {
    let mut curl = Command::new(require("curl").unwrap());
    curl.arg("-sf").arg("--cacert").arg(root);
    curl.arg("--resolve").arg(format!("{domain}:{}:127.0.0.1", ports.tls));
    curl.arg(format!("https://{domain}:{}/healthz", ports.tls));
    curl.output().await.unwrap().status.success()
}

async fn is_issued_by(challenge: &str) {
    let (place, ports) = (Place::new(), Ports::free());
    let Some(pebble) = Pebble::start(&place, ports.with_certificates_for(DAYS)).await else { return };
    let Some(root) = pebble.root(&place).await else { return };
    let start = std::time::Instant::now();
    let gateway = gateway(&place, ports, "site.example", challenge);
    gateway.line_with(SHOWN).await;
    assert!(is_served(&root, "site.example", ports).await, "{:#?}", gateway.lines());
    assert!(!is_served(&root, "other.example", ports).await);
    eprintln!("a certificate by {challenge} after {:?}", start.elapsed());
}

#[tokio::test]
async fn a_new_domain_gets_one_over_tls() {
    is_issued_by("tls-alpn-01").await;
}

#[tokio::test]
async fn a_new_domain_gets_one_over_http() {
    is_issued_by("http-01").await;
}

/// It is valid for 6 s, so it is renewed after 4.
#[tokio::test]
async fn one_that_expires_soon_is_renewed() {
    let (place, ports) = (Place::new(), Ports::free());
    let Some(pebble) = Pebble::start(&place, ports.with_certificates_for(6)).await else { return };
    let Some(root) = pebble.root(&place).await else { return };
    let gateway = gateway(&place, ports, "site.example", "tls-alpn-01");
    gateway.line_with(SHOWN).await;
    let shown = || gateway.lines().iter().filter(|line| line.text.contains(SHOWN)).count();
    while shown() < 3 {
        assert!(is_served(&root, "site.example", ports).await, "{:#?}", gateway.lines());
    }
}

#[tokio::test]
async fn an_authority_that_is_down_is_asked_again() {
    let (place, ports) = (Place::new(), Ports::free());
    if require("pebble").is_none() {
        return;
    }
    let gateway = gateway(&place, ports, "site.example", "tls-alpn-01");
    gateway.line_with("there is no certificate yet").await;
    let Some(pebble) = Pebble::start(&place, ports.with_certificates_for(DAYS)).await else { return };
    gateway.line_with(SHOWN).await;
    let Some(root) = pebble.root(&place).await else { return };
    assert!(is_served(&root, "site.example", ports).await);
}

/// The log says which name and why, and everything else is served.
#[tokio::test]
async fn a_domain_that_is_refused_is_told_with_the_reason() {
    let (place, ports) = (Place::new(), Ports::free());
    let Some(_pebble) = Pebble::start(&place, ports.with_certificates_for(DAYS)).await else { return };
    let gateway = gateway(&place, ports, REFUSED, "tls-alpn-01");
    let line = gateway.line_with("there is no certificate yet").await;
    assert!(line.contains(REFUSED) && line.contains("again_in=2m"), "{line}");
    let Some(curl) = require("curl") else { return };
    let url = format!("http://127.0.0.1:{}/healthz", ports.http);
    assert!(Command::new(curl).arg("-sf").arg(url).output().await.unwrap().status.success());
}

/// Only one of them orders, and the authority finds the page of its challenge at either. The other finds the
/// certificate. So does the first one when it starts again.
#[tokio::test]
async fn gateways_that_share_a_storage_order_once() {
    let (place, ports) = (Place::new(), Ports::free());
    let Some(pebble) = Pebble::start(&place, ports.with_certificates_for(DAYS)).await else { return };
    let Some(root) = pebble.root(&place).await else { return };
    let mut first = gateway(&place, ports, "site.example", "http-01");
    let others = Ports::free();
    let second = gateway(&place, others, "site.example", "http-01");
    first.line_with(SHOWN).await;
    second.line_with(SHOWN).await;
    assert!(is_served(&root, "site.example", others).await);
    assert_eq!(pebble.orders(), 1, "{:#?}", pebble.process.lines());

    first.signal(Signal::Term).await;
    assert!(first.exit().await.success());
    let again = gateway(&place, ports, "site.example", "http-01");
    again.line_with(SHOWN).await;
    assert!(is_served(&root, "site.example", ports).await);
    assert_eq!(pebble.orders(), 1, "{:#?}", pebble.process.lines());
}
