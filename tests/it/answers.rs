//! What a route answers itself, and what it changes of answers: fixed ones, redirects, files, error pages, compression,
//! CORS, security headers.

mod answered;
mod common_errors;
mod compression;
mod cors;
mod errors;
mod files;
mod security;

use crate::support::raw::{RawClient, Response};
use crate::support::relay::Relay;

/// A route for everything to the recording upstream, with more keys.
fn route(keys: &str) -> String {
    format!("[routes.\"/\"]\npool = \"plain\"\n{keys}")
}

/// Sends a request whose head is this, with `Host`, on a connection of its own.
async fn ask(relay: &Relay, method: &str, target: &str, lines: &[&str]) -> Response {
    let mut client = RawClient::connect(relay.gateway.addr).await;
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    client.send(format!("{method} {target} HTTP/1.1\r\nHost: test\r\n{lines}\r\n")).await;
    client.response_to(method).await
}
