//! Upstreams that can't be connected to, each for another reason.

use std::time::{Duration, Instant};

use crate::support::ask::{Client, Protocol, every_case};
use crate::support::gateway::{TestGateway, one_pool};
#[cfg(feature = "tls")]
use crate::support::process::Process;
#[cfg(feature = "tls")]
use crate::support::recorder::{RecordingUpstream, Script, Step};
#[cfg(feature = "tls")]
use crate::support::tools::require;
use crate::support::unreachable::{Deaf, Refusing};

const LIMIT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn refused() {
    let nobody = Refusing::new();
    fails(&format!("http://{}", nobody.addr), 502, "connection_refused").await;
}

#[tokio::test]
async fn name_not_found() {
    // Each connection looks it up; or somebody has done it before, and found no endpoint.
    for (resolve, status, error) in [("once", 502, "dns_error"), ("ttl", 503, "destination_unavailable")] {
        let pool = one_pool("http://nobody.invalid:80", &limited());
        let pool = pool.replace("[routes", &format!("resolve = \"{resolve}\"\n[routes"));
        all_fail(&pool, status, error).await;
    }
}

/// The kernel has no TCP route to a multicast address.
#[tokio::test]
async fn no_route() {
    fails("http://224.0.0.1:80", 502, "destination_ip_unroutable").await;
}

#[tokio::test]
async fn not_in_time() {
    let deaf = Deaf::new();
    let started = Instant::now();
    fails(&format!("http://{}", deaf.addr), 504, "connection_timeout").await;
    assert!(started.elapsed() >= LIMIT);
}

/// What comes before the TLS handshake is never taken for an answer.
#[cfg(feature = "tls")]
#[tokio::test]
async fn plain_text_instead_of_tls() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    let greeting = move |_| Script(vec![Step::Send(answer.into()), Step::Hang]);
    let upstream = RecordingUpstream::start_greeting(greeting, |_| Script::default()).await;
    fails(&format!("https://{}", upstream.addr()), 502, "tls_protocol_error").await;
}

/// In either case nothing of the request was sent.
#[cfg(feature = "tls")]
#[tokio::test]
async fn closed_in_the_handshake() {
    let greeting = |_| Script(vec![Step::Close]);
    let upstream = RecordingUpstream::start_greeting(greeting, |_| Script::default()).await;
    fails(&format!("https://{}", upstream.addr()), 502, "connection_terminated").await;
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn silence_in_the_handshake() {
    let greeting = |_| Script(vec![Step::Hang]);
    let upstream = RecordingUpstream::start_greeting(greeting, |_| Script::default()).await;
    fails(&format!("https://{}", upstream.addr()), 504, "connection_timeout").await;
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_certificate_that_nobody_signed() {
    let Some(openssl) = require("openssl") else { return };
    let directory = tempfile::tempdir().unwrap();
    let (key, certificate) = (directory.path().join("key.pem"), directory.path().join("cert.pem"));
    let mut request = tokio::process::Command::new(&openssl);
    request.args(["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
    request.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]);
    request.arg("-keyout").arg(&key).arg("-out").arg(&certificate);
    let made = request.output().await.unwrap();
    assert!(made.status.success(), "{made:?}");

    let mut server = tokio::process::Command::new(&openssl);
    server.args(["s_server", "-www", "-accept", "127.0.0.1:0"]);
    server.arg("-key").arg(&key).arg("-cert").arg(&certificate);
    let server = Process::start(server);
    let ready = server.line_with("ACCEPT ").await;
    let addr = ready.trim_start_matches("ACCEPT ");
    fails(&format!("https://{addr}"), 502, "tls_certificate_error").await;
}

/// Every case gets that error, and the connection of the client goes on working.
async fn fails(target: &str, status: u16, error: &str) {
    all_fail(&one_pool(target, &limited()), status, error).await;
}

fn limited() -> String {
    format!("[timeouts]\nconnect = \"{}ms\"", LIMIT.as_millis())
}

async fn all_fail(config: &str, status: u16, error: &str) {
    let gateway = TestGateway::start(config);
    let mut clients = (
        Client::connect(Protocol::Http1, gateway.addr).await,
        Client::connect(Protocol::Http2, gateway.addr).await,
    );
    for (protocol, shape) in every_case() {
        let client = match protocol {
            Protocol::Http1 => &mut clients.0,
            Protocol::Http2 => &mut clients.1,
        };
        let context = format!("{config}: {shape:?} {protocol:?}");
        let answer = client.ask(shape, "/api/x").await.unwrap_or_else(|| panic!("{context}: nothing"));
        answer.assert_own_error(shape.method, status, error, &context);
    }
}
