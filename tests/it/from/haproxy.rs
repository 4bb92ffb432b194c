//! HAProxy, with the rules of docker-socket-proxy.

use super::example::Example;
use super::original::Original;

const EXAMPLE: Example = Example {
    folder: "haproxy",
    original: Some("haproxy.cfg"),
    host: "localhost:2375",
    upstreams: &[("docker", 2376)],
};

#[tokio::test]
async fn dockers_api_is_guarded_as_haproxy_does() {
    let running = EXAMPLE.start().await;
    let arguments = ["-db", "-f", "haproxy.cfg"];
    let started = Original::start("haproxy", &arguments, running.directory(), running.addr()).await;
    let Some(haproxy) = started else { return };
    EXAMPLE.compare(running, &haproxy).await;
}

/// Also where HAProxy is missing.
#[tokio::test]
async fn dockers_api_is_guarded_as_the_table_says() {
    EXAMPLE.start().await.ask_the_gateway().await;
}
