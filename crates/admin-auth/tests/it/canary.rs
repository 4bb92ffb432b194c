//! A token that must not appear anywhere: neither in a log at TRACE, nor in an answer, nor in any `Debug` output.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::SystemTime;

use crate::support::{UnreadBody, request};
use admin_auth::{Accepted, AdminAuthLayer, AdminToken, InvalidToken, Rejection, TokenSet};
use axum::body::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tower::{BoxError, Layer, Service, service_fn};
use tracing_subscriber::fmt::MakeWriter;

const CANARY: &str = "canary-5b0f0c6e2d";
/// `printf %s $CANARY | sha256sum`, as hex digits and as a derived `Debug` would show its bytes.
const SHA256_HEX: &str = "c0c929e609875a0239b9681d4ef2bfe92c4a2e2b4ec6429b030a4ed3a246dfa2";
const SHA256_BYTES: &str = "192, 201, 41, 230";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn assert_hidden(shown: &str) {
    assert!(!shown.contains(CANARY), "the token: {shown}");
    assert!(!shown.to_lowercase().contains(&SHA256_HEX[..8]), "its digest: {shown}");
    assert!(!shown.contains(SHA256_BYTES), "its digest's bytes: {shown}");
}

/// If a process has just one subscriber, an event that a thread without it meets first is off for all threads from then
/// on: the threads of the other tests have none. With a second one, tracing asks both.
static SECOND: LazyLock<tracing::Dispatch> =
    LazyLock::new(|| tracing::Dispatch::new(tracing_subscriber::registry()));

fn log_everything() -> (Log, tracing::subscriber::DefaultGuard) {
    LazyLock::force(&SECOND);
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    (log, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn the_token_is_seen_nowhere() {
    let (log, _guard) = log_everything();
    let token = AdminToken::new(CANARY).unwrap().label("canary-label");
    let expired = AdminToken::from_sha256_hex(SHA256_HEX).unwrap().expires_at(SystemTime::UNIX_EPOCH);
    let tokens = TokenSet::from([token.clone(), expired.clone()]);
    let alice = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    let layer = AdminAuthLayer::new(tokens.clone()).throttle_by(move |_| Some(alice));
    let mut gate = layer.layer(service_fn(async |request: Request<UnreadBody>| {
        let shown = format!("{:?} {:?}", request.headers(), request.extensions().get::<Accepted>());
        assert_hidden(&shown);
        Ok::<_, BoxError>(Response::new(Full::new(Bytes::from(shown))))
    }));
    assert_hidden(&format!("{token:?} {expired:?} {tokens:?} {layer:?} {gate:?}"));

    let wrong = format!("{CANARY}x");
    let given: [&[&str]; 5] = [&[CANARY], &[CANARY, CANARY], &[&wrong], &[&format!("{CANARY} ")], &[]];
    for tokens in given.into_iter().cycle().take(30) {
        let future = gate.call(request(tokens));
        assert_hidden(&format!("{future:?}"));
        let (parts, body) = future.await.unwrap().into_parts();
        assert_hidden(&format!("{parts:?} {body:?} {:?}", parts.extensions.get::<Rejection>()));
        let body = body.collect().await.unwrap().to_bytes();
        assert_hidden(std::str::from_utf8(&body).unwrap());
    }
    let error: InvalidToken = AdminToken::new(format!("{CANARY}\n")).unwrap_err();
    assert_hidden(&format!("{error} {error:?}"));

    assert_hidden(&log.text());
    assert_audited(&log.text());
}

#[test]
fn a_gate_without_tokens_warns() {
    let (log, _guard) = log_everything();
    let _ = AdminAuthLayer::new(AdminToken::new("right").unwrap());
    assert_eq!(log.text(), "");
    let _ = AdminAuthLayer::new(TokenSet::from([]));
    let text = log.text();
    assert!(text.contains("WARN admin_auth: the token set is empty"), "{text}");
}

/// Asserts that every decision is in the log, so that the search above has looked in the right place.
fn assert_audited(log: &str) {
    let lines =
        |parts: &[&str]| log.lines().filter(|line| parts.iter().all(|part| line.contains(part))).count();
    let common = ["admin_auth: ", "admin.peer=192.0.2.1", "http.method=\"GET\"", "http.path=\"/\""];
    assert_eq!(lines(&common), 30, "an event for each decision: {log}");
    let accepted = lines(&["INFO", "admin.decision=\"accepted\"", "admin.label=\"canary-label\""]);
    let refused = |level: &str, reason: &str| {
        lines(&[level, "admin.decision=\"refused\"", &format!("admin.reason=\"{reason}\"")])
    };
    // Three of every five tries are wrong: the lockout begins with the first wrong one of the fourth round, which is
    // the tenth.
    assert_eq!(accepted, 4);
    assert_eq!(refused("WARN", "repeated"), 4);
    assert_eq!(refused("WARN", "unknown"), 3);
    assert_eq!(refused("WARN", "malformed"), 3);
    assert_eq!(refused("INFO", "missing"), 6);
    assert_eq!(refused("DEBUG", "throttled"), 10);
}
