//! What a probe asks for, and how.

use super::{NEVER_AGAIN, gateway, state};
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordedRequest, RecordingUpstream, Script};
use crate::support::within;

/// Every field that a probe has: its own, those that the gateway adds to every request, and none of any client.
const FIELDS: [&str; 4] = ["host", "user-agent", "via", "x-forwarded-host"];

#[tokio::test]
async fn the_first_one_comes_at_once_to_the_path_alone() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let target = format!("{}/base", upstream.url());
    let _gateway = gateway(&[target], &format!("path = \"/healthz?deep=1\", {NEVER_AGAIN}"));
    let probe = upstream.wait_for(1).await.remove(0);
    assert_eq!((probe.method.as_str(), probe.target.as_str()), ("GET", "/healthz?deep=1"));
    assert_eq!(probe.headers.one("host"), Some(upstream.addr().to_string().as_str()));
    assert_says_who_it_is(&probe);
    upstream.assert_clean();
}

#[tokio::test]
async fn its_host_and_port_are_its_own() {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let probed = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let keys = format!("port = {}, host = \"app.example:81\"", probed.addr().port());
    let gateway = gateway(&[upstream.url()], &format!("path = \"/healthz\", {keys}, {NEVER_AGAIN}"));
    let probe = probed.wait_for(1).await.remove(0);
    assert_eq!(probe.headers.one("host"), Some("app.example:81"));
    assert_eq!(RawClient::connect(gateway.addr).await.get("/api/x").await.status(), 200);
    let targets = |upstream: &RecordingUpstream| {
        upstream.requests().into_iter().map(|request| request.target).collect::<Vec<_>>()
    };
    assert_eq!((targets(&upstream), targets(&probed)), (vec!["/x".to_owned()], vec!["/healthz".to_owned()]));
}

/// Neither the headers of clients nor the counters of requests.
#[tokio::test]
async fn clients_leave_no_trace_in_it_nor_it_in_their_numbers() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let gateway = gateway(&[upstream.url()], "path = \"/healthz\", interval = \"100ms\"");
    let mut client = RawClient::connect(gateway.addr).await;
    let fields = "X-Admin-Token: letmein\r\nCookie: a=b\r\nX-Gateway-Pick: 1\r\nX-Forwarded-For: 1.2.3.4";
    client.send(format!("GET /admin/x HTTP/1.1\r\nHost: test\r\n{fields}\r\n\r\n")).await;
    assert_eq!(client.response().await.text(), "fine");
    let before = upstream.requests().len();
    let probes = upstream.wait_for(before + 3).await.split_off(before);
    probes.iter().for_each(assert_says_who_it_is);
    let state = state(&gateway, &upstream.url()).await;
    assert!(
        state.ends_with(
            "available  0 in flight  1 requests  0 failures  1 connections: 1 idle, 0 waiting for one"
        ),
        "{state}"
    );
}

/// An upstream whose connections are all in use is well: a probe takes none of them.
#[tokio::test]
async fn it_needs_none_of_the_pools_connections() {
    let upstream = RecordingUpstream::start(|request| match request.target.as_str() {
        "/healthz" => Script::ok("fine"),
        _ => Script::silence(),
    })
    .await;
    let health = "health = { path = \"/healthz\", interval = \"100ms\", timeout = \"1s\" }";
    let gateway = TestGateway::start(&format!(
        "[pools.api]\nupstreams = [\"{}\"]\nconnections = {{ max = 1 }}\n{health}\n[routes.\"/api\"]\npool = \"api\"\n",
        upstream.url()
    ));
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("GET /api/x HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let is_held =
        |upstream: &RecordingUpstream| upstream.requests().iter().any(|request| request.target == "/x");
    within("the only connection to be in use", async {
        while !is_held(&upstream) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let before = upstream.requests().len();
    let probes = upstream.wait_for(before + 3).await.split_off(before);
    assert!(probes.iter().all(|probe| probe.target == "/healthz"), "{probes:?}");
    assert!(state(&gateway, &upstream.url()).await.contains("available  1 in flight"));
}

fn assert_says_who_it_is(probe: &RecordedRequest) {
    let agent = probe.headers.one("user-agent").unwrap_or_default();
    assert_eq!(agent, concat!("gateway-probe/", env!("CARGO_PKG_VERSION")), "{probe:?}");
    let mut names: Vec<String> = probe.headers.0.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort();
    assert_eq!(names, FIELDS, "{probe:?}");
}
