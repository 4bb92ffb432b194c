//! Who may enter a route.

mod addresses;
mod any;
mod basic;
mod forward;
mod kept;
#[cfg(feature = "jwt")]
mod keys;
mod secured;
mod seen;
#[cfg(feature = "jwt")]
mod tokens;

use std::path::Path;

use tempfile::TempDir;

use crate::support::gateway::TestGateway;
use crate::support::raw::{RawClient, Response};
use crate::support::recorder::RecordingUpstream;

/// Of `ann` with `secret`, and of `bob` with `open sesame`, made by crypt(3).
const USERS: &str = "ann:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n\
                     bob:$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy\n";

/// `/api` over one upstream, with more keys for the route.
fn configuration(upstream: &RecordingUpstream, keys: &str) -> String {
    format!("[pools.api]\nupstreams = [\"{}\"]\n[routes.\"/api\"]\npool = \"api\"\n{keys}\n", upstream.url())
}

fn guarded(upstream: &RecordingUpstream, keys: &str) -> TestGateway {
    TestGateway::start(&configuration(upstream, keys))
}

/// A GET of `/api/x`, with more lines of fields.
async fn ask(client: &mut RawClient, fields: &str) -> Response {
    client.send(format!("GET /api/x HTTP/1.1\r\nHost: test\r\n{fields}\r\n")).await;
    client.response().await
}

async fn ask_once(gateway: &TestGateway, fields: &str) -> Response {
    ask(&mut RawClient::connect(gateway.addr).await, fields).await
}

/// The line of fields with a name and a password.
fn basic(credentials: &str) -> String {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(credentials);
    format!("Authorization: Basic {encoded}\r\n")
}

/// A directory with a file `htpasswd`, and its path as TOML.
fn users(text: &str) -> (TempDir, String) {
    file("htpasswd", text)
}

fn file(name: &str, text: &str) -> (TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, text).unwrap();
    let quoted = in_toml(&path);
    (directory, quoted)
}

fn in_toml(path: &Path) -> String {
    toml::Value::from(path.to_str().unwrap()).to_string()
}
