//! Another configuration takes the place of the one that runs: what changes, what stays, and what is refused.

mod departed;
mod file;
mod kept;
mod refused;
mod seen;

use std::net::SocketAddr;

/// `/api` over these upstreams, after whatever else the configuration says.
fn over(upstreams: &[SocketAddr], config: &str) -> String {
    let urls: Vec<String> = upstreams.iter().map(|addr| format!("\"http://{addr}\"")).collect();
    let urls = urls.join(", ");
    format!("{config}\n[pools.api]\nupstreams = [{urls}]\n[routes.\"/api\"]\npool = \"api\"\n")
}
