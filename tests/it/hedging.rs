//! Hedges over real sockets: a safe request that its first upstream doesn't answer goes to a second one.

use std::time::Duration;

use gateway::observe::metrics::Exposition;
use tokio::time::timeout;

use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, End, RecordingUpstream, Script};

const SECRET: &str = "affinity = { cookie = \"gw\", secret = \"0123456789abcdef\" }";

/// `/` over both upstreams, the first of which is asked first.
fn hedged(one: &RecordingUpstream, two: &RecordingUpstream, keys: &str) -> TestGateway {
    TestGateway::start(&format!(
        "[routes.\"/\"]\npool = \"api\"\n[pools.api]\nupstreams = [\"{}\", \"{}\"]\nslow_start = false\n{keys}\n",
        one.url(),
        two.url(),
    ))
}

async fn silent() -> RecordingUpstream {
    RecordingUpstream::start(|_| Script::silence()).await
}

async fn answering(text: &'static str) -> RecordingUpstream {
    RecordingUpstream::start(move |_| Script::ok(text)).await
}

fn heads(upstream: &RecordingUpstream) -> usize {
    upstream.requests().len()
}

#[tokio::test]
async fn the_second_answers_and_the_first_is_given_up() {
    let (one, two) = (silent().await, answering("two").await);
    let gateway = hedged(&one, &two, "hedge.after = \"20ms\"");
    let answer = RawClient::connect(gateway.addr).await.get("/x?y").await;
    assert_eq!((answer.status(), answer.text().as_str()), (200, "two"));
    assert_eq!(one.next_closed().await.end, Some(End::PeerClosed));
    let (first, second) = (one.requests().remove(0), two.requests().remove(0));
    assert_eq!(
        (&first.target, &first.headers.one("x-request-id")),
        (&second.target, &second.headers.one("x-request-id"))
    );
    let metrics = gateway.handle.metrics(Exposition::OpenMetrics);
    for expected in [
        "gateway_pool_hedges_total{pool=\"api\"} 1\n",
        "gateway_pool_hedges_won_total{pool=\"api\"} 1\n",
        "gateway_pool_retries_total{pool=\"api\"} 0\n",
        &format!("gateway_endpoint_failures_total{{pool=\"api\",endpoint=\"{}\"}} 0\n", one.url()),
    ] {
        assert!(metrics.contains(expected), "{expected} in {metrics}");
    }
}

/// What changes something goes to one upstream only, and so does what the budget doesn't cover.
#[tokio::test]
async fn what_is_not_safe_or_not_covered_waits() {
    let no_budget = "hedge = { after = \"20ms\", budget_percent = 0, budget_min_per_second = 0 }";
    for (keys, request) in [
        ("hedge.after = \"20ms\"", "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("hedge.after = \"20ms\"", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1"),
        ("hedge.after = \"20ms\"", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1"),
        (no_budget, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ] {
        let (one, two) = (silent().await, answering("two").await);
        let gateway = hedged(&one, &two, keys);
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(request).await;
        one.wait_for_heads(1).await;
        let answered = timeout(Duration::from_millis(300), client.response_head("GET")).await;
        assert!(answered.is_err() && heads(&two) == 0, "{keys}: {request}");
    }
}

/// A client that belongs to an upstream waits for that one, so that it doesn't lose its session.
#[tokio::test]
async fn a_client_with_an_upstream_of_its_own_waits_for_it() {
    let answer_then_silence = || {
        let asked = std::sync::atomic::AtomicBool::new(false);
        RecordingUpstream::start(move |_| match asked.swap(true, std::sync::atomic::Ordering::Relaxed) {
            false => Script::answer(Answer::new(200)),
            true => Script::silence(),
        })
    };
    let (one, two) = (answer_then_silence().await, answer_then_silence().await);
    let gateway = hedged(&one, &two, &format!("hedge.after = \"20ms\"\n{SECRET}"));
    let mut client = RawClient::connect(gateway.addr).await;
    let cookie = client.get("/").await.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    client.send(format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n")).await;
    assert!(timeout(Duration::from_millis(300), client.response_head("GET")).await.is_err());
    let mut asked = [heads(&one), heads(&two)];
    asked.sort_unstable();
    assert_eq!(asked, [0, 2]);
}
