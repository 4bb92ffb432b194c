//! What the log says about a request.

use super::Binary;
use crate::support::process::Signal;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

#[tokio::test]
async fn as_json_or_text_one_line_a_request() {
    for (format, status) in [("json", r#""status":200"#), ("text", "status=200")] {
        let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
        let args = ["--listen", "127.0.0.1:0", "--log-format", format];
        let mut gateway = Binary::start(&upstream, "", &args).await;
        let mut client = RawClient::connect(gateway.addr).await;
        assert_eq!(client.get("/api/logged?secret=1").await.text(), "fine");
        let line = gateway.process.line_with("/api/logged").await;
        assert!(line.contains(status) && !line.contains("secret"), "{line}");
        assert_eq!(line.starts_with('{') && line.ends_with('}'), format == "json", "{line}");
        gateway.process.signal(Signal::Term).await;
        gateway.process.exit().await;
        let all = gateway.process.lines();
        let of_it = all.iter().filter(|line| line.text.contains("/api/logged")).count();
        assert_eq!(of_it, 1, "{all:#?}");
    }
}

/// A client that left is never answered: it is logged as 499, and is not counted against the upstream.
#[tokio::test]
async fn a_client_that_leaves_is_a_499() {
    let upstream = RecordingUpstream::start(|_| Script::silence()).await;
    let gateway = Binary::over(&upstream, "[admin]\nlisten = \"127.0.0.1:0\"").await;
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("GET /api/left HTTP/1.1\r\nHost: test\r\n\r\n").await;
    upstream.wait_for_heads(1).await;
    drop(client);
    upstream.next_closed().await;
    let line = gateway.process.line_with("/api/left").await;
    assert!(line.contains("status=499"), "{line}");
    let pool = gateway.process.operator().await.get("/api/v1/pools/api").await;
    assert_eq!(pool["endpoints"][0]["failures"], 0, "{pool}");
}

/// The answer to a HEAD was received in full, though its body was never read.
#[tokio::test]
async fn a_head_is_no_client_that_left() {
    let upstream = RecordingUpstream::start(|_| Script::raw("BANANA\r\n\r\n")).await;
    let gateway = Binary::over(&upstream, "").await;
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("HEAD /api/head HTTP/1.1\r\nHost: test\r\n\r\n").await;
    assert_eq!(client.response_to("HEAD").await.status(), 502);
    let line = gateway.process.line_with("/api/head").await;
    assert!(line.contains("status=502") && line.contains("http_protocol_error"), "{line}");
}

/// The client learns only the status; the log says which limit to raise.
#[tokio::test]
async fn what_is_over_a_limit_is_told_with_its_key() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let gateway = Binary::over(&upstream, "[routes.\"/small\"]\npool = \"api\"\nmax_body = 1\n").await;
    let uri = "x".repeat(9 << 10);
    let fields = "X: v\r\n".repeat(101);
    for (request, status, key) in [
        (format!("GET /{uri} HTTP/1.1\r\nHost: test\r\n\r\n"), 414, "limits.uri"),
        (format!("GET / HTTP/1.1\r\nHost: test\r\n{fields}\r\n"), 431, "limits.header_fields"),
        ("POST /small HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n".to_owned(), 413, "max_body"),
    ] {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(&request).await;
        let answer = client.response().await;
        assert_eq!(answer.status(), status);
        assert!(!answer.text().contains("limit") && !answer.text().contains("max_body"), "{answer:?}");
        gateway.process.line_with(key).await;
    }
}

/// The log says which limit a client met; the client learns nothing of it.
#[tokio::test]
async fn an_answer_beyond_a_limit_names_the_limit() {
    let upstream = RecordingUpstream::start(|request| {
        let filler = match request.target.as_str() {
            "/fields" => "X: y\r\n".repeat(300),
            _ => format!("X: {}\r\n", "y".repeat(70 << 10)),
        };
        Script::raw(format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{filler}\r\n"))
    })
    .await;
    let gateway = Binary::over(&upstream, "").await;
    for (path, limit) in [("/api/fields", "response_fields"), ("/api/bytes", "response_section")] {
        let answer = RawClient::connect(gateway.addr).await.get(path).await;
        assert_eq!((answer.status(), answer.text().as_str()), (502, "Bad Gateway\n"));
        assert_eq!(answer.header("proxy-status"), Some("gateway; error=http_response_header_section_size"));
        gateway.process.line_with(limit).await;
    }
}
