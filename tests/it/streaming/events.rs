//! Each piece is passed on as it comes, in both directions.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt as _;
use tokio::sync::Notify;

use super::{chunk, chunked_answer};
use crate::support::h2::{self, H2Client};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script, Step};
use crate::support::sole::{Sole, demo_backend};
use crate::support::within;

const EVENTS: usize = 5;

fn event(number: usize) -> String {
    format!("id: {number}\ndata: event {number}\n\n")
}

/// An upstream that sends the first event at once, and each of the others when the test says so.
async fn upstream_told_by(tick: &Arc<Notify>) -> RecordingUpstream {
    let tick = Arc::clone(tick);
    RecordingUpstream::start(move |_| {
        let mut script = Script::default().then(Step::Send(chunked_answer(&event(0))));
        for number in 1..EVENTS {
            script =
                script.then(Step::AwaitSignal(Arc::clone(&tick))).then(Step::Send(chunk(&event(number))));
        }
        script.then(Step::AwaitClose)
    })
    .await
}

#[tokio::test]
async fn every_event_arrives_before_the_next_is_sent_h1() {
    let tick = Arc::new(Notify::new());
    let upstream = upstream_told_by(&tick).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("GET /events HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let mut response = client.response_head("GET").await;
    for number in 0..EVENTS {
        client.until(&mut response, &event(number)).await;
        tick.notify_one();
    }
    assert_eq!(response.body.text(), (0..EVENTS).map(event).collect::<String>());
    upstream.assert_clean();
}

#[tokio::test]
async fn every_event_arrives_before_the_next_is_sent_h2() {
    let tick = Arc::new(Notify::new());
    let upstream = upstream_told_by(&tick).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = H2Client::connect(gateway.addr).await;
    let request = Request::get("http://test/events").body(h2::empty()).unwrap();
    let mut body = client.send(request).await.unwrap().into_body();
    for number in 0..EVENTS {
        let frame = within("an event", body.frame()).await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), event(number));
        tick.notify_one();
    }
    upstream.assert_clean();
}

/// The time limit holds for the median. One slow stream may be the fault of the machine; half of them are not.
#[tokio::test]
async fn the_first_event_takes_less_than_100_ms() {
    const STREAMS: usize = 9;
    let gateway = Sole::new(demo_backend()).start();
    let mut open = Vec::new();
    let mut took = Vec::new();
    for _ in 0..STREAMS {
        let mut client = RawClient::connect(gateway.addr).await;
        let asked = Instant::now();
        client.send("GET /sse HTTP/1.1\r\nHost: test\r\n\r\n").await;
        let mut response = client.response_head("GET").await;
        client.until(&mut response, "data: event 0 ").await;
        took.push(asked.elapsed());
        assert!(!response.body.text().contains("event 1"), "the first event came with the second");
        open.push((client, response));
    }
    took.sort();
    println!("first event: median {:?}, slowest {:?}", took[STREAMS / 2], took[STREAMS - 1]);
    assert!(took[STREAMS / 2] < Duration::from_millis(100), "{took:?}");
    // All of the streams are still open: the next event comes on each.
    for (client, response) in &mut open {
        client.until(response, "data: event 1 ").await;
    }
}

/// The pieces of the answer come back while the request is still being sent: nothing is held back in either direction.
#[tokio::test]
async fn an_upload_is_passed_on_piece_by_piece_h1() {
    let gateway = Sole::new(demo_backend()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    client.send(chunk(&event(0))).await;
    let mut response = client.response_head("POST").await;
    for number in 1..EVENTS {
        client.until(&mut response, &event(number - 1)).await;
        client.send(chunk(&event(number))).await;
    }
    client.send("0\r\n\r\n").await;
    while client.piece(&mut response).await.is_some() {}
    assert_eq!(response.text(), (0..EVENTS).map(event).collect::<String>());
}

#[tokio::test]
async fn an_upload_is_passed_on_piece_by_piece_h2() {
    let gateway = Sole::new(demo_backend()).start();
    let (requests, _connection) = h2::raw(gateway.addr).await;
    let mut requests = within("a stream", requests.ready()).await.unwrap();
    let request = Request::post("http://test/echo").body(()).unwrap();
    let (response, mut upload) = requests.send_request(request, false).unwrap();
    upload.send_data(event(0).into(), false).unwrap();
    let mut body = within("the head", response).await.unwrap().into_body();
    for number in 0..EVENTS {
        let data = within("an event", body.data()).await.unwrap().unwrap();
        assert_eq!(data, event(number));
        let is_last = number + 1 == EVENTS;
        let next = if is_last { Bytes::new() } else { event(number + 1).into() };
        upload.send_data(next, is_last).unwrap();
    }
    while let Some(data) = within("the end", body.data()).await {
        assert!(data.unwrap().is_empty());
    }
}
