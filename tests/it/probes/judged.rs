//! What the answer to a probe says about an upstream. The tests wait for the next probe to arrive: by then the earlier
//! ones have been judged, because an upstream is never probed twice at the same time.

use std::sync::Arc;

use tokio::sync::Notify;

use super::{gateway, state};
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordedRequest, RecordingUpstream, Script, Step};
use crate::support::unreachable::Refusing;
use crate::support::within;

#[tokio::test]
async fn well_is_who_answers_as_expected() {
    for (expected, answered, health) in [
        ("", 200, "available"),
        ("", 204, "available"),
        ("", 301, "down"),
        ("", 404, "down"),
        ("", 503, "down"),
        ("status = 204", 204, "available"),
        ("status = 204", 200, "down"),
        ("status = \"200-399\"", 399, "available"),
        ("status = \"200-399\"", 400, "down"),
        ("status = \"401-401\"", 401, "available"),
    ] {
        let upstream = RecordingUpstream::start(move |_| Script::status(answered)).await;
        let comma = if expected.is_empty() { "" } else { ", " };
        let keys = format!("path = \"/\", interval = \"100ms\", fall = 1{comma}{expected}");
        let gateway = gateway(&[upstream.url()], &keys);
        upstream.wait_for(2).await;
        let state = state(&gateway, &upstream.url()).await;
        assert!(state.contains(health), "{expected:?} and {answered}: {state}");
    }
}

#[tokio::test]
async fn who_does_not_answer_in_time_is_down() {
    let upstream = RecordingUpstream::start(|_| Script::silence()).await;
    let keys = "path = \"/\", interval = \"100ms\", timeout = \"100ms\", fall = 1";
    let gateway = gateway(&[upstream.url()], keys);
    upstream.wait_for_heads(2).await;
    let state = state(&gateway, &upstream.url()).await;
    assert!(state.contains("down"), "{state}");
}

/// No request finds out by itself: an upstream that is down gets none, even if there is no other. The answer is 503.
#[tokio::test]
async fn who_refuses_is_down_and_asked_nothing() {
    let nobody = Refusing::new();
    let url = format!("http://{}", nobody.addr);
    let gateway = gateway(std::slice::from_ref(&url), "path = \"/\", interval = \"100ms\", fall = 1");
    let down = async { while !state(&gateway, &url).await.contains("down") {} };
    within("the upstream to be down", down).await;
    let answer = RawClient::connect(gateway.addr).await.get("/api/x").await;
    assert_eq!(answer.header("proxy-status"), Some("gateway; error=destination_unavailable"));
    assert_eq!((answer.status(), answer.header("retry-after")), (503, Some("1")));
    let state = state(&gateway, &url).await;
    assert!(state.contains("  0 requests  0 failures  0 connections"), "{state}");
}

/// `fall` failures in a row, `rise` successes in a row; any other result starts the count again.
#[tokio::test]
async fn one_bad_answer_is_no_fall_and_one_good_one_no_rise() {
    const ANSWERS: [(u16, &str); 9] = [
        (200, "available"),
        (500, "available"),
        (200, "available"),
        (500, "available"),
        (500, "down"),
        (200, "down"),
        (500, "down"),
        (200, "down"),
        (200, "available"),
    ];
    let next = Arc::new(Notify::new());
    let probed = probed_in_steps(ANSWERS.map(|(status, _)| status).to_vec(), next.clone()).await;
    let other = RecordingUpstream::start(|_| Script::ok("other")).await;
    let keys = "path = \"/probe\", interval = \"100ms\", timeout = \"1m\", rise = 2, fall = 2";
    let gateway = gateway(&[probed.url(), other.url()], keys);
    let mut client = RawClient::connect(gateway.addr).await;
    wait_for_probes(&probed, 1).await;
    for (answered, (status, health)) in ANSWERS.into_iter().enumerate() {
        next.notify_one();
        wait_for_probes(&probed, answered + 2).await;
        let state = state(&gateway, &probed.url()).await;
        assert!(state.contains(health), "after {status}, answer {answered}: {state}");
        let answers = [client.get("/api/x").await.text(), client.get("/api/x").await.text()];
        let is_asked = answers.contains(&"probed".to_owned());
        assert_eq!(is_asked, health == "available", "after answer {answered}: {answers:?}");
    }
}

/// Answers each probe with the next status when the test says so, and requests at once.
async fn probed_in_steps(statuses: Vec<u16>, next: Arc<Notify>) -> RecordingUpstream {
    let statuses = std::sync::Mutex::new(statuses.into_iter());
    RecordingUpstream::start(move |request| match request.target.as_str() {
        "/probe" => {
            let status = statuses.lock().unwrap().next().unwrap_or(200);
            Script(vec![Step::AwaitSignal(next.clone()), Step::Answer(Answer::new(status))])
        }
        _ => Script::ok("probed"),
    })
    .await
}

async fn wait_for_probes(upstream: &RecordingUpstream, count: usize) {
    let is_probe = |request: &RecordedRequest| request.target == "/probe";
    let mut seen = upstream.requests();
    while seen.iter().filter(|request| is_probe(request)).count() < count {
        seen = upstream.wait_for_heads(seen.len() + 1).await;
    }
}
