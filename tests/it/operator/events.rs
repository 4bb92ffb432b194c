//! `/events`.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt as _;
use gateway::operator::Operator;
use http::Request;
use serde_json::Value;
use tower::ServiceExt as _;

use super::acting::marked;
use crate::support::gateway::{TestGateway, one_pool};
use crate::support::operator::endpoint;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::within;

/// Somebody who reads them.
pub(super) struct Reader {
    pieces: BodyDataStream,
}

impl Reader {
    pub(super) async fn of(app: &Router) -> Self {
        let answer = app.clone().oneshot(Request::get("/events").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { pieces: answer.into_body().into_data_stream() }
    }

    pub(super) async fn next(&mut self) -> (String, Value) {
        let piece = within("an event", self.pieces.next()).await.unwrap().unwrap();
        let text = String::from_utf8(piece.to_vec()).unwrap();
        let (name, data) = text.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
        (name.to_owned(), serde_json::from_str(data.strip_suffix("\n\n").unwrap()).unwrap())
    }

    /// The next one of this name.
    pub(super) async fn next_named(&mut self, name: &str) -> Value {
        loop {
            let (found, data) = self.next().await;
            if found == name {
                return data;
            }
        }
    }
}

async fn one_upstream() -> (TestGateway, RecordingUpstream, Router) {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let gateway = TestGateway::start(&one_pool(&upstream.url(), ""));
    let app = Operator::of(gateway.handle.clone()).router();
    (gateway, upstream, app)
}

#[tokio::test]
async fn a_snapshot_comes_first_and_then_what_changes() {
    let (gateway, upstream, app) = one_upstream().await;
    let mut reader = Reader::of(&app).await;
    let (name, snapshot) = reader.next().await;
    assert_eq!(name, "snapshot");
    for part in ["status", "routes", "pools", "history", "errors"] {
        assert!(!snapshot[part].is_null(), "{part} in {snapshot}");
    }
    let tick = reader.next_named("tick").await;
    assert_eq!(tick["pools"][0]["endpoints"][0]["state"], "available");

    let shown = endpoint(&gateway.handle, &upstream.url()).await;
    let path = format!("/api/v1/pools/api/endpoints/{}/drain", shown["id"].as_str().unwrap());
    let began = Instant::now();
    assert_eq!(app.clone().oneshot(marked("POST", &path, "")).await.unwrap().status(), 200);
    let pools = reader.next_named("pools").await;
    assert_eq!(pools["pools"][0]["endpoints"][0]["state"], "paused");
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());

    assert_eq!(RawClient::connect(gateway.addr).await.get("/api/x").await.status(), 503);
    let failure = reader.next_named("failure").await;
    assert_eq!((&failure["status"], &failure["route"]), (&503.into(), &"/api".into()), "{failure}");
    assert!(!failure["request_id"].is_null(), "{failure}");
}

#[tokio::test]
async fn a_slow_reader_skips_ticks() {
    let (_gateway, _upstream, app) = one_upstream().await;
    let mut slow = Reader::of(&app).await;
    let mut steady = Reader::of(&app).await;
    let number = |tick: &Value| tick["status"]["uptime"].as_f64().unwrap();
    slow.next_named("tick").await;
    for _ in 0..3 {
        steady.next_named("tick").await;
    }
    let (late, next) = (number(&slow.next_named("tick").await), number(&steady.next_named("tick").await));
    assert!((late - next).abs() <= 1.5, "the slow one is where the steady one is: {late} {next}");
}

#[tokio::test]
async fn there_are_64_readers_at_most() {
    let (_gateway, _upstream, app) = one_upstream().await;
    let mut readers = Vec::new();
    for _ in 0..64 {
        readers.push(Reader::of(&app).await);
    }
    let ask = async || {
        app.clone().oneshot(Request::get("/events").body(Body::empty()).unwrap()).await.unwrap().status()
    };
    assert_eq!(ask().await, 503);
    readers.pop();
    assert_eq!(ask().await, 200, "a place is free again");
}
