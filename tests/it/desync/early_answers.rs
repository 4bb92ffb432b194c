//! An upstream that answers before it has read the request body. The rest of the body must not become the next request
//! on that connection.

use crate::support::body::BodyEnd;
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordedRequest, RecordingUpstream, Script, Step};

use super::parsers::routes;

const BODY: usize = 1 << 20;

#[tokio::test]
async fn the_rest_of_a_body_is_never_the_next_request() {
    let upstream = RecordingUpstream::start(|request| match &*request.target {
        "/early" => Script(vec![Step::Answer(Answer::new(200).body("early"))]),
        victim => Script::ok(victim.to_owned()),
    })
    .await;
    let gateway = TestGateway::start(&routes(&[("up", upstream.addr())]));
    let upload = upload();
    let mut victim = RawClient::connect(gateway.addr).await;
    for round in 0..100 {
        let mut early = RawClient::connect(gateway.addr).await;
        let answer = early.exchange(&upload, "POST").await;
        assert_eq!((answer.status(), &*answer.text()), (200, "early"), "{round}");
        assert_eq!(victim.get(&format!("/up/victim/{round}")).await.text(), format!("/victim/{round}"));
    }
    upstream.assert_clean();
    let begun = upstream.requests().len();
    let requests = upstream.wait_for(begun).await;
    assert_eq!(requests.iter().filter(|request| request.target.starts_with("/victim/")).count(), 100);
    assert_eq!(requests.len(), 200, "{:#?}", requests.iter().map(|r| &r.target).collect::<Vec<_>>());
    for pair in by_connection(&requests).iter().flat_map(|requests| requests.windows(2)) {
        assert_eq!(pair[0].body.end, BodyEnd::Complete, "{:?} before {:?}", pair[0], pair[1]);
    }
    for early in requests.iter().filter(|request| request.target == "/early") {
        assert_eq!(early.body.bytes.len() == BODY, early.body.end == BodyEnd::Complete);
    }
}

/// A body that consists of requests for `/up/evil`.
fn upload() -> Vec<u8> {
    let evil = b"GET /up/evil HTTP/1.1\r\nHost: test\r\n\r\n";
    let body: Vec<u8> = evil.iter().copied().cycle().take(BODY).collect();
    let head = format!("POST /up/early HTTP/1.1\r\nHost: test\r\nContent-Length: {BODY}\r\n\r\n");
    [head.as_bytes(), &body].concat()
}

fn by_connection(requests: &[RecordedRequest]) -> Vec<Vec<&RecordedRequest>> {
    let connections = requests.iter().map(|request| request.connection).max().map_or(0, |last| last + 1);
    (0..connections)
        .map(|number| requests.iter().filter(|request| request.connection == number).collect())
        .collect()
}
