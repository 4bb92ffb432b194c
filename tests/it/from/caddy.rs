//! Caddy, with the sites of NetBird.

use super::example::Example;
use super::original::Original;

#[tokio::test]
async fn netbird_is_served_as_caddy_does() {
    let example = Example {
        folder: "caddy",
        original: Some("Caddyfile"),
        host: "netbird.example.com",
        upstreams: &[("signal", 10_000), ("management", 33_073), ("zitadel", 8880), ("dashboard", 8090)],
    };
    let running = example.start().await;
    let arguments = ["run", "--config", "Caddyfile", "--adapter", "caddyfile"];
    let started = Original::start("caddy", &arguments, running.directory(), running.addr()).await;
    let Some(caddy) = started else { return };
    example.compare(running, &caddy).await;
}
