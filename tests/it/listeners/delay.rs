//! The time between the announcement of a shutdown and its beginning.

use std::time::Duration;

use super::Gateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::within;

#[tokio::test]
async fn all_is_served_but_the_gateway_is_not_ready() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let gateway = Gateway::start(r#""127.0.0.1:0""#, &upstream);
    let mut before = RawClient::connect(gateway.ip(0)).await;
    assert_eq!(before.get("/readyz").await.status(), 200);
    let shutdown = gateway.shutdown.clone();
    let begins = tokio::spawn(async move { shutdown.begin_after(Duration::MAX).await });
    while !gateway.shutdown.is_announced() {
        tokio::task::yield_now().await;
    }
    let mut new = RawClient::connect(gateway.ip(0)).await;
    for client in [&mut before, &mut new] {
        assert_eq!(client.get("/readyz").await.status(), 503);
        let answer = client.get("/api/x").await;
        assert_eq!((answer.status(), answer.header("connection")), (200, None), "the connection is kept");
    }
    // A second signal.
    gateway.shutdown.escalate();
    within("the delay to end", begins).await.unwrap();
    gateway.ended().await;
}

#[tokio::test]
async fn it_begins_after_the_delay() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let gateway = Gateway::start(r#""127.0.0.1:0""#, &upstream);
    gateway.shutdown.begin_after(Duration::from_millis(1)).await;
    assert!(gateway.shutdown.has_begun());
    gateway.ended().await;
}
