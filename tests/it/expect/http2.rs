//! Expectations over HTTP/2.

use std::future::poll_fn;

use http::{Request, StatusCode};

use crate::support::body::BodyEnd;
use crate::support::h2 as http2;
use crate::support::recorder::{Answer, RecordingUpstream, Script, Step};
use crate::support::sole::Sole;
use crate::support::within;

fn expecting(path: &str) -> Request<()> {
    Request::post(format!("http://test{path}")).header("expect", "100-continue").body(()).unwrap()
}

async fn upstream() -> RecordingUpstream {
    RecordingUpstream::start(|request| match request.target.strip_prefix("/final/") {
        Some(status) => Script::answer(Answer::new(status.parse().unwrap()).body("no")).before_body(),
        None => Script(vec![Step::go_on(), Step::WaitForBody, Step::Answer(Answer::new(200).body("thanks"))]),
    })
    .await
}

/// The final answer comes although the client holds its body back.
#[tokio::test]
async fn a_final_answer_needs_no_body() {
    let upstream = upstream().await;
    let gateway = Sole::new(upstream.addr()).start();
    let (mut requests, _connection) = http2::raw(gateway.addr).await;
    for (path, status) in [("/final/417", 417), ("/final/413", 413), ("/gated/x", 401)] {
        requests = within("a stream", requests.ready()).await.unwrap();
        let (mut response, _kept_open) = requests.send_request(expecting(path), false).unwrap();
        let interim = within("no 100", poll_fn(|cx| response.poll_informational(cx))).await;
        assert!(interim.is_none(), "{path}: {interim:?}");
        assert_eq!(within("the answer", response).await.unwrap().status().as_u16(), status, "{path}");
    }
}

/// RFC 9110 section 10.1.1: by the upstream's 100, or by a buffer that reads the body first.
#[tokio::test]
async fn a_body_that_is_held_back_is_asked_for() {
    let upstream = upstream().await;
    let gateway = Sole::new(upstream.addr()).start();
    let (mut requests, _connection) = http2::raw(gateway.addr).await;
    for _ in 0..2 {
        requests = within("a stream", requests.ready()).await.unwrap();
        let (mut response, mut body) = requests.send_request(expecting("/x"), false).unwrap();
        let go_on = within("a 100", poll_fn(|cx| response.poll_informational(cx))).await;
        assert_eq!(go_on.unwrap().unwrap().status(), StatusCode::CONTINUE);
        body.send_data("hello".into(), true).unwrap();
        let next = within("no other", poll_fn(|cx| response.poll_informational(cx))).await;
        assert!(next.is_none(), "{next:?}");
        assert_eq!(within("the answer", response).await.unwrap().status(), StatusCode::OK);
    }
    assert!(upstream.wait_for(2).await.iter().all(|seen| seen.body.text() == "hello"));
    upstream.assert_clean();
}

#[tokio::test]
async fn a_body_that_comes_at_once_goes_on() {
    let upstream = upstream().await;
    let gateway = Sole::new(upstream.addr()).start();
    let (requests, _connection) = http2::raw(gateway.addr).await;
    let mut requests = within("a stream", requests.ready()).await.unwrap();
    let (response, mut body) = requests.send_request(expecting("/x"), false).unwrap();
    body.send_data("hello".into(), true).unwrap();
    assert_eq!(within("the answer", response).await.unwrap().status(), StatusCode::OK);
    let seen = &upstream.wait_for(1).await[0];
    assert_eq!((seen.body.text().as_str(), seen.body.end), ("hello", BodyEnd::Complete));
    upstream.assert_clean();
}
