//! What a client does wrong is answered with `http_request_error`, does not count against an endpoint, and never
//! becomes a whole request upstream.

use crate::support::ask::{Client, GET};
use crate::support::body::BodyEnd;
use crate::support::gateway::{TestGateway, one_pool};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::syntax::Framing;

const CHUNKED: &str = "Transfer-Encoding: chunked\r\n\r\n";

#[tokio::test]
async fn bad_large_and_slow_bodies() {
    let too_long = format!("{CHUNKED}5\r\nhello\r\n20\r\n{}\r\n0\r\n\r\n", "a".repeat(32));
    for (name, rest, status) in [
        ("a chunk's size that isn't hex", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n", 400),
        ("data past its chunk", "Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n", 400),
        ("a length above the limit", "Content-Length: 33\r\n\r\nhello", 413),
        ("chunks above the limit", &too_long, 413),
        ("a stalled body with a length", "Content-Length: 20\r\n\r\nhello", 408),
        ("a stalled body in chunks", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 408),
        ("a body that never begins", "Content-Length: 20\r\n\r\n", 408),
    ] {
        let upstream = RecordingUpstream::start(|_| Script::ok("taken for a whole request")).await;
        let config = one_pool(&upstream.url(), "[timeouts]\nbody_idle = \"400ms\"");
        let gateway = TestGateway::start(&format!("{config}max_body = 32\n"));
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(format!("POST /api/x HTTP/1.1\r\nHost: test\r\n{rest}")).await;
        let response = client.response_to("POST").await;
        assert_eq!(response.status(), status, "{name}: {response:?}");
        assert_eq!(response.header("proxy-status"), Some("gateway; error=http_request_error"), "{name}");
        // A body without an end leaves the connection unusable; a body that came whole may have been read and thrown
        // away.
        if rest.ends_with("0\r\n\r\n") {
            let next = Client::Http1(client).ask(GET, "/api/fine").await;
            assert!(next.is_none_or(|next| next.status == 200), "{name}, on the same connection");
        } else {
            client.rest().await;
        }

        let fine = RawClient::connect(gateway.addr).await.get("/api/fine").await;
        assert_eq!(fine.status(), 200, "{name}, the request after it");
        for request in upstream.requests() {
            let is_whole = request.body.end == BodyEnd::Complete;
            assert!(request.method == "GET" || !is_whole, "{name}: {request:?}");
            assert!(
                request.method == "GET" || request.body.framing != Framing::NoBody,
                "{name}: {request:?}"
            );
        }
    }
}

/// The client is gone, so there is no answer; the upstream sees a broken request at once.
#[tokio::test]
async fn a_client_that_leaves() {
    let upstream = RecordingUpstream::start(|_| Script::ok("taken for a whole request")).await;
    let gateway = TestGateway::start(&one_pool(&upstream.url(), ""));
    for framing in ["Content-Length: 20\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"] {
        for leave in [RawClient::reset, drop] {
            let seen = upstream.requests().len();
            let mut client = RawClient::connect(gateway.addr).await;
            client.send(format!("POST /api/x HTTP/1.1\r\nHost: test\r\n{framing}")).await;
            upstream.wait_for_heads(seen + 1).await;
            leave(client);
            let left = upstream.wait_for(seen + 1).await.pop().unwrap();
            assert!(matches!(left.body.end, BodyEnd::Truncated | BodyEnd::Reset), "{left:?}");
        }
    }
}
