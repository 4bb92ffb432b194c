//! Another configuration takes the place of the one that runs: what changes, what stays, and what is refused.

mod departed;
mod kept;
mod refused;
mod seen;

use std::net::SocketAddr;

use crate::support::raw::RawClient;

/// `/api` over these upstreams, after whatever else the configuration says.
fn over(upstreams: &[SocketAddr], config: &str) -> String {
    let urls: Vec<String> = upstreams.iter().map(|addr| format!("\"http://{addr}\"")).collect();
    let urls = urls.join(", ");
    format!("{config}\n[pools.api]\nupstreams = [{urls}]\n[routes.\"/api\"]\npool = \"api\"\n")
}

/// The lines of the index page that begin with this text.
async fn shown(client: &mut RawClient, text: &str) -> Vec<String> {
    let page = client.get("/").await.text();
    page.lines().map(str::trim).filter(|line| line.starts_with(text)).map(str::to_owned).collect()
}
