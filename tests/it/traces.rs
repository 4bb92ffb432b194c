//! Traces: whose context is continued, what upstreams get, and what a collector is sent.

#[cfg(feature = "otel")]
mod collector;

use crate::support::gateway::{TestGateway, one_pool};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::relay::get;

const THEIRS: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// What the upstream gets of `traceparent` and `tracestate`, with this configuration.
async fn passed_on(config: &str, lines: &[&str]) -> (Vec<String>, Vec<String>) {
    let upstream = RecordingUpstream::start(|_| Script::ok("hello")).await;
    let gateway = TestGateway::start(&one_pool(&upstream.url(), config));
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(get("/api/a", lines)).await;
    assert_eq!(client.response().await.status(), 200);
    let request = upstream.wait_for(1).await.remove(0);
    let all = |name| request.headers.all(name).into_iter().map(str::to_owned).collect();
    (all("traceparent"), all("tracestate"))
}

fn lines() -> [String; 2] {
    [format!("traceparent: {THEIRS}"), "tracestate: vendor=1".to_owned()]
}

#[tokio::test]
async fn without_traces_the_fields_pass_as_they_are() {
    let lines = lines();
    let lines = [&*lines[0], &*lines[1]];
    assert_eq!(passed_on("", &lines).await, (vec![THEIRS.to_owned()], vec!["vendor=1".to_owned()]));
    assert_eq!(passed_on("", &[]).await, (vec![], vec![]));
}

#[tokio::test]
async fn a_strangers_trace_is_replaced_by_a_new_one() {
    let lines = lines();
    let (parents, states) = passed_on("[traces]\nsample = 0", &[&*lines[0], &*lines[1]]).await;
    let [parent] = &parents[..] else { panic!("{parents:?}") };
    assert!(parent.len() == THEIRS.len() && parent.ends_with("-00"), "{parent}");
    assert!(!parent.contains("4bf92f35") && states.is_empty());
    let (begun, _) = passed_on("[traces]\nsample = 1.0", &[]).await;
    assert!(begun[0].ends_with("-01"), "{begun:?}");
}

#[tokio::test]
async fn a_trusted_proxys_trace_goes_on_and_everybodys_if_that_is_wanted() {
    let lines = lines();
    for config in
        ["trusted_proxies = [\"127.0.0.1\"]\n[traces]\nsample = 0", "[traces]\nsample = 0\ntrust = true"]
    {
        let (parents, states) = passed_on(config, &[&*lines[0], &*lines[1]]).await;
        let [parent] = &parents[..] else { panic!("{parents:?}") };
        assert!(parent.starts_with(&THEIRS[..36]) && parent.ends_with("-01"), "{parent}");
        assert!(!parent.contains("00f067aa0ba902b7"), "the span is the gateway's");
        assert_eq!(states, ["vendor=1"]);
    }
}

#[tokio::test]
async fn other_traces_take_a_restart() {
    let upstream = RecordingUpstream::start(|_| Script::ok("hello")).await;
    let with = |keys: &str| one_pool(&upstream.url(), &format!("[traces]\n{keys}"));
    let gateway = TestGateway::start(&with("sample = 0"));
    let refused = gateway.apply(&with("sample = 1")).await.unwrap_err();
    assert!(refused.to_string().contains("traces"), "{refused}");
}
