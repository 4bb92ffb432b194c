//! An HTTP/2 request that does not keep the `content-length` that it announced. The HTTP/1 request made of it cannot be
//! completed, so its connection to the upstream is closed: the upstream sees the request cut, and no other request is
//! sent on it.

use bytes::Bytes;
use h2::Reason;
use http::Request;

use super::parsers::routes;
use crate::support::body::BodyEnd;
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::{h2 as h2c, within};

const ANNOUNCED: usize = 100;

/// How a stream breaks the length that it announced.
#[derive(Clone, Copy, Debug)]
enum Breach {
    /// END_STREAM after fewer bytes.
    TooShort(usize),
    /// END_STREAM on the head itself.
    NoBody,
    TooLong(usize),
    Reset(usize, Reason),
    /// The connection ends.
    Gone(usize),
}

#[tokio::test]
async fn a_broken_promise_costs_the_upstream_connection() {
    let upstream = RecordingUpstream::start(|request| Script::ok(request.target.clone())).await;
    let gateway = TestGateway::start(&routes(&[("up", upstream.addr())]));
    let mut victim = RawClient::connect(gateway.addr).await;
    let mut victims = 0;
    for breach in [
        Breach::TooShort(0),
        Breach::TooShort(1),
        Breach::TooShort(ANNOUNCED - 1),
        Breach::NoBody,
        Breach::TooLong(ANNOUNCED + 1),
        Breach::TooLong(ANNOUNCED * 100),
        Breach::Reset(0, Reason::CANCEL),
        Breach::Reset(50, Reason::CANCEL),
        Breach::Reset(50, Reason::NO_ERROR),
        Breach::Gone(0),
        Breach::Gone(50),
    ] {
        let before = upstream.requests().len();
        breach.commit(&gateway, &upstream, before + 1).await;
        for _ in 0..20 {
            let path = format!("/victim/{victims}");
            assert_eq!(victim.get(&format!("/up{path}")).await.text(), path, "{breach:?}");
            victims += 1;
        }
    }
    upstream.assert_clean();
    let requests = upstream.wait_for(upstream.requests().len()).await;
    assert_eq!(requests.iter().filter(|request| request.target.starts_with("/victim/")).count(), victims);
    for (at, broken) in requests.iter().enumerate().filter(|(_, request)| request.target == "/broken") {
        assert!(matches!(broken.body.end, BodyEnd::Truncated | BodyEnd::Reset), "{broken:?}");
        let later = requests.iter().skip(at + 1).find(|later| later.connection == broken.connection);
        assert!(later.is_none(), "{later:?} on the connection of {broken:?}");
    }
}

/// A length that is kept: the body is forwarded whole, in however many frames it comes.
#[tokio::test]
async fn a_kept_promise_is_forwarded_whole() {
    let upstream = RecordingUpstream::start(|_| Script::echo()).await;
    let gateway = TestGateway::start(&routes(&[("up", upstream.addr())]));
    let (requests, _connection) = h2c::raw(gateway.addr).await;
    let mut requests = requests.ready().await.unwrap();
    let (answer, mut body) = requests.send_request(announced("/up/kept"), false).unwrap();
    for byte in 0..ANNOUNCED {
        body.send_data(Bytes::from(vec![b'x'; 1]), byte + 1 == ANNOUNCED).unwrap();
    }
    assert_eq!(within("an answer", answer).await.unwrap().status(), 200);
    let received = upstream.wait_for(1).await;
    assert_eq!(received[0].headers.one("content-length"), Some("100"));
    assert_eq!(received[0].body.text(), "x".repeat(ANNOUNCED));
    upstream.assert_clean();
}

impl Breach {
    async fn commit(self, gateway: &TestGateway, upstream: &RecordingUpstream, heads: usize) {
        let (requests, connection) = h2c::raw(gateway.addr).await;
        let mut requests = requests.ready().await.unwrap();
        let on_the_head = matches!(self, Breach::NoBody);
        let (answer, mut body) = requests.send_request(announced("/up/broken"), on_the_head).unwrap();
        let bytes = |count| Bytes::from(vec![b'x'; count]);
        match self {
            Breach::NoBody => {}
            Breach::TooShort(count) | Breach::TooLong(count) => body.send_data(bytes(count), true).unwrap(),
            Breach::Reset(count, reason) => {
                body.send_data(bytes(count), false).unwrap();
                upstream.wait_for_heads(heads).await;
                body.send_reset(reason);
                return drop(within("the reset to be noticed", answer).await);
            }
            Breach::Gone(count) => {
                body.send_data(bytes(count), false).unwrap();
                upstream.wait_for_heads(heads).await;
                connection.abort();
                return drop(within("the connection to end", connection).await);
            }
        }
        match within("an answer", answer).await {
            Ok(answer) => assert!(answer.status().is_client_error(), "{self:?}: {answer:?}"),
            Err(error) => assert_eq!(error.reason(), Some(Reason::PROTOCOL_ERROR), "{self:?}: {error}"),
        }
    }
}

fn announced(path: &str) -> Request<()> {
    Request::post(format!("http://test{path}")).header("content-length", ANNOUNCED).body(()).unwrap()
}
