//! `x-gateway-pick`: why a request went to its upstream. Administrators who ask for it get it, and nobody else.

mod asked;
mod logged;
mod reasons;
mod replaced;
mod told;

use std::net::SocketAddr;

use crate::support::raw::{RawClient, Response};
use crate::support::recorder::{RecordingUpstream, Script};

/// One open route, and one behind the gate.
const OPEN: &str = "/api/x";
const GATED: &str = "/admin/x";

const ASKS: &str = "X-Gateway-Pick: 1";
const TOKEN: &str = "X-Admin-Token: letmein";

/// Both routes over the same two upstreams; `pool` holds the other keys of the pool.
fn config(one: &str, two: &str, pool: &str) -> String {
    format!(
        "{}[routes.\"/admin\"]\npool = \"api\"\nadmin_tokens = [\"letmein\"]\n",
        without_tokens(one, two, pool)
    )
}

/// Only the open route: there are no administrators.
fn without_tokens(one: &str, two: &str, pool: &str) -> String {
    format!("[pools.api]\nupstreams = [\"{one}\", \"{two}\"]\n{pool}\n[routes.\"/api\"]\npool = \"api\"\n")
}

/// Two healthy upstreams.
async fn pair() -> [RecordingUpstream; 2] {
    [
        RecordingUpstream::start(|_| Script::ok("one")).await,
        RecordingUpstream::start(|_| Script::ok("two")).await,
    ]
}

/// Sends a GET for `path` with these header lines, on a connection of its own.
async fn get(addr: SocketAddr, path: &str, lines: &[&str]) -> Response {
    let mut client = RawClient::connect(addr).await;
    client.send(crate::support::relay::get(path, lines)).await;
    client.response().await
}
