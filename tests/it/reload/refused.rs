//! What is refused changes nothing, and says why.

use super::over;
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

#[tokio::test]
async fn what_can_t_change_is_named_with_its_place() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let gateway = TestGateway::start(&over(&[upstream.addr()], "workers = 1"));
    let mut client = RawClient::connect(gateway.addr).await;
    let error = gateway.apply(&over(&[upstream.addr()], "pages = false\nworkers = 3")).await.unwrap_err();
    assert_eq!(error.to_string(), "test.toml:3:1: workers can't change while the gateway runs: restart it");
    assert_eq!(client.get("/api/x").await.text(), "fine");

    let status = gateway.handle.status().to_string();
    let lines: Vec<&str> = status.lines().collect();
    assert!(lines[0].starts_with("generation 1, sha256 "), "{status}");
    assert!(lines[1].starts_with("refused at ") && lines[1].ends_with(&error.to_string()), "{status}");

    gateway.apply(&over(&[upstream.addr()], "workers = 1\nheader_case = \"title\"")).await.unwrap();
    let status = gateway.handle.status().to_string();
    assert_eq!(status.lines().count(), 1, "what was refused before is forgotten: {status}");
    assert!(status.starts_with("generation 2, sha256 "), "{status}");
    assert_eq!(client.get("/healthz").await.text(), format!("alive\n{status}"));
}
