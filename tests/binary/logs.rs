//! What a run writes about a request.

use crate::Binary;
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

/// behaviour.md §6: never answered, logged as 499, and not the upstream's fault.
#[tokio::test]
async fn a_client_that_leaves_is_a_499() {
    let upstream = RecordingUpstream::start(|_| Script::silence()).await;
    let gateway = Binary::over(&upstream, "").await;
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("GET /api/left HTTP/1.1\r\nHost: test\r\n\r\n").await;
    upstream.wait_for_heads(1).await;
    drop(client);
    upstream.next_closed().await;
    let line = gateway.process.line_with("/api/left").await;
    assert!(line.contains("status=499"), "{line}");
    let index = RawClient::connect(gateway.addr).await.get("/").await.text();
    assert!(index.contains("0 failures"), "{index}");
}

/// An error's answer to a HEAD was received in full, though nobody read its body.
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
