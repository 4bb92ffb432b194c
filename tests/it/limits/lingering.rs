//! A client can still read an answer that comes before its request body was read. If the gateway closed the connection
//! too early, the kernel would reset it, which destroys the answer on its way.

use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::sole::Sole;

const UPLOAD: usize = 10 << 20;

fn post(path: &str, field: &str) -> Vec<u8> {
    let head = format!("POST {path} HTTP/1.1\r\nHost: test\r\n{field}Content-Length: {UPLOAD}\r\n\r\n");
    [head.into_bytes(), vec![b'u'; UPLOAD]].concat()
}

/// For a client that reads only when it has sent everything, and for one that stops when sending fails: most clients do
/// one or the other.
async fn status_of(gateway: &TestGateway, request: &[u8]) -> u16 {
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(request).await;
    let answer = client.response_to("POST").await;
    assert!(answer.body.is_complete(), "{answer:?}");
    answer.status()
}

#[tokio::test]
async fn the_closed_gates_401_is_read() {
    const TIMES: usize = 50;
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let request = post("/gated/upload", "");
    for _ in 0..TIMES {
        assert_eq!(status_of(&gateway, &request).await, 401);
    }
    assert!(upstream.connections().is_empty(), "the upstream was asked");
}

/// Every other answer of the gateway's own that comes without reading the body.
#[tokio::test]
async fn so_are_all_the_others() {
    let mut upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    upstream.kill().await;
    let gateway = Sole::new(upstream.addr()).route("max_body = \"20MiB\"").start();
    let limited = Sole::new(upstream.addr()).route("max_body = 1").start();
    let wrong_token = post("/gated/upload", "X-Admin-Token: wrong\r\n");
    // More wrong tokens in a minute would be answered with 429, which is the last row of the table.
    for _ in 0..9 {
        assert_eq!(status_of(&gateway, &wrong_token).await, 403);
    }
    let table = [
        (&limited, post("/x", ""), 413),
        (&gateway, post("/x", ""), 502),
        (&gateway, post("/x", "Expect: other\r\n"), 417),
        (&gateway, post("/../x", ""), 400),
        (&gateway, post(&format!("/{}", "x".repeat(9 << 10)), ""), 414),
        (&gateway, wrong_token.clone(), 403),
        (&gateway, wrong_token, 429),
    ];
    for (gateway, request, status) in table {
        assert_eq!(status_of(gateway, &request).await, status);
    }
}

/// A body that was not read is not the next request, whatever it looks like.
#[tokio::test]
async fn an_unread_body_is_no_request() {
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let gateway = Sole::new(upstream.addr()).route("max_body = 1").start();
    let evil = "GET /evil HTTP/1.1\r\nHost: test\r\n\r\n".repeat(3000);
    for path in ["/gated/x", "/x"] {
        let head = format!("POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n", evil.len());
        let mut client = RawClient::connect(gateway.addr).await;
        let answer = client.exchange((head + &evil).as_bytes(), "POST").await;
        assert!(matches!(answer.status(), 401 | 413), "{answer:?}");
        assert_eq!(client.rest().await.0, b"");
    }
    assert!(upstream.requests().is_empty());
}
