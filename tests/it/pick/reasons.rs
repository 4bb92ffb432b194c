//! Which endpoints were skipped, and why.

use std::sync::Arc;

use tokio::sync::Notify;

use super::told::Told;
use super::{ASKS, GATED, OPEN, TOKEN, config, get};
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordingUpstream, Script, Step};
use crate::support::unreachable::Refusing;

#[tokio::test]
async fn the_first_failed_and_is_ejected_then() {
    let nobody = Refusing::new();
    let url = format!("http://{}", nobody.addr);
    let well = RecordingUpstream::start(|_| Script::ok("well")).await;
    let gateway = TestGateway::start(&config(&url, &well.url(), "outliers = { consecutive = 1 }"));
    let failed = Told::plain(&well.url(), 1).attempt(2).skipping(&url, "failed");
    assert_eq!(Told::by(&get(gateway.addr, GATED, &[TOKEN, ASKS]).await), failed);
    let ejected = Told::plain(&well.url(), 1).skipping(&url, "ejected");
    let plain = Told::plain(&well.url(), 1);
    let told = [
        Told::by(&get(gateway.addr, GATED, &[TOKEN, ASKS]).await),
        Told::by(&get(gateway.addr, OPEN, &[TOKEN, ASKS]).await),
    ];
    assert!(
        told.contains(&ejected) && told.iter().all(|told| *told == ejected || *told == plain),
        "{told:?}"
    );
}

/// A request that is sent again after a response: the reason is the status of that response.
#[tokio::test]
async fn the_first_answered_503() {
    let bad = RecordingUpstream::start(|_| Script::status(503)).await;
    let well = RecordingUpstream::start(|_| Script::ok("well")).await;
    let gateway = TestGateway::start(&config(&bad.url(), &well.url(), "retries = { backoff = \"1ms\" }"));
    let told = Told::by(&get(gateway.addr, GATED, &[TOKEN, ASKS]).await);
    assert_eq!(told, Told::plain(&well.url(), 1).attempt(2).skipping(&bad.url(), "failed"));
}

#[tokio::test]
async fn the_first_is_full() {
    let told = Arc::new(Notify::new());
    let signal = told.clone();
    let busy = RecordingUpstream::start(move |_| {
        Script(vec![Step::AwaitSignal(signal.clone()), Step::Answer(Answer::new(200))])
    })
    .await;
    let well = RecordingUpstream::start(|_| Script::ok("well")).await;
    let gateway = TestGateway::start(&config(&busy.url(), &well.url(), "max_in_flight = 1"));
    let mut held = RawClient::connect(gateway.addr).await;
    held.send(crate::support::relay::get(OPEN, &[])).await;
    busy.wait_for_heads(1).await;
    // One request each, so that it is the turn of the busy one again.
    assert_eq!(get(gateway.addr, OPEN, &[]).await.status(), 200);
    let full = Told::by(&get(gateway.addr, OPEN, &[TOKEN, ASKS]).await);
    assert_eq!(full, Told::plain(&well.url(), 1).skipping(&busy.url(), "full"));
    told.notify_one();
    assert_eq!(held.response().await.status(), 200);
}

/// An answer of the gateway's own came from no upstream.
#[tokio::test]
async fn nobody_answered() {
    let (one, two) = (Refusing::new(), Refusing::new());
    let urls = [&one, &two].map(|nobody| format!("http://{}", nobody.addr));
    let gateway = TestGateway::start(&config(&urls[0], &urls[1], ""));
    for path in [OPEN, GATED] {
        let response = get(gateway.addr, path, &[TOKEN, ASKS]).await;
        assert_eq!((response.status(), response.header("x-gateway-pick")), (502, Some("none")), "{path}");
    }
}

#[tokio::test]
async fn there_was_no_place() {
    let busy = RecordingUpstream::start(|_| Script::silence()).await;
    let pool = "max_in_flight = 1\nqueue = { size = 0 }";
    // Both endpoints are at the same upstream, so that both are full.
    let gateway = TestGateway::start(&config(&busy.url(), &format!("{}/other", busy.url()), pool));
    let mut held = [RawClient::connect(gateway.addr).await, RawClient::connect(gateway.addr).await];
    for client in &mut held {
        client.send(crate::support::relay::get(OPEN, &[])).await;
    }
    busy.wait_for_heads(2).await;
    let response = get(gateway.addr, GATED, &[TOKEN, ASKS]).await;
    assert_eq!((response.status(), response.header("x-gateway-pick")), (503, Some("none")));
    assert_eq!(response.header("proxy-status"), Some("gateway; error=connection_limit_reached"));
}
