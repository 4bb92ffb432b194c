//! The probes find every upstream down because they ask for the wrong path: what happens to requests, and what the log
//! says.

use super::{gateway, state};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::running::Running;
use crate::support::within;

/// The upstream is healthy, but does not know the path that the probes ask for.
async fn well_but_for_probes() -> RecordingUpstream {
    RecordingUpstream::start(|request| match request.target.as_str() {
        "/wrong" => Script::status(404),
        _ => Script::ok("fine"),
    })
    .await
}

const PROBES: &str = "path = \"/wrong\", interval = \"100ms\", fall = 1";

#[tokio::test]
async fn they_are_refused_or_sent_all_the_same() {
    for (key, status) in [("", 503), (", all_down = \"refuse\"", 503), (", all_down = \"use\"", 200)] {
        let upstream = well_but_for_probes().await;
        let url = upstream.url();
        let gateway = gateway(std::slice::from_ref(&url), &format!("{PROBES}{key}"));
        let down = async { while !state(&gateway, &url).await.contains("down") {} };
        within("the upstream to be down", down).await;
        assert_eq!(RawClient::connect(gateway.addr).await.get("/api/x").await.status(), status, "{key}");
    }
}

#[tokio::test]
async fn the_log_says_so_either_way() {
    for (key, said) in [
        ("", "requests are refused with 503 (health.all_down = \"refuse\")"),
        (", all_down = \"use\"", "requests are sent to them all the same (health.all_down = \"use\")"),
    ] {
        let upstream = well_but_for_probes().await;
        let config = format!(
            "[pools.api]\nupstreams = [\"{}\"]\nhealth = {{ {PROBES}{key} }}\n[routes.\"/api\"]\npool = \"api\"\n",
            upstream.url()
        );
        let gateway = Running::start(&config, "gateway=info").await;
        let why = gateway.process.line_with("a probe failed").await;
        assert!(why.contains("WARN") && why.contains("it answered 404"), "{why}");
        let line = gateway.process.line_with("probes find all upstreams down").await;
        assert!(line.contains("ERROR") && line.contains("api") && line.contains(said), "{line}");
    }
}
