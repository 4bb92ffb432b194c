//! The raw client accepts nothing malformed, and tells each way in which an answer can end.

use crate::support::body::BodyEnd;
use crate::support::raw::{Closed, RawClient};
use crate::support::recorder::{RecordingUpstream, Script, Step};
use crate::support::syntax::{Framing, Violation};
use crate::support::wire::Stop;

/// A client to a server that sends `bytes` as its answer to one GET, then closes.
async fn asking_for(bytes: &'static [u8]) -> (RecordingUpstream, RawClient) {
    let upstream = RecordingUpstream::start(move |_| Script::raw(bytes).then(Step::Close)).await;
    let mut client = RawClient::connect(upstream.addr()).await;
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    (upstream, client)
}

#[tokio::test]
async fn malformed_heads_are_refused() {
    use Violation::*;
    let cases: [(Violation, &'static [u8]); 26] = [
        (BareLf, b"HTTP/1.1 200 OK\nA: b\r\n\r\n"),
        (BareLf, b"HTTP/1.1 200 OK\r\nA: b\n\r\n"),
        (BareCr, b"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n"),
        (StatusLine, b"\r\nHTTP/1.1 200 OK\r\n\r\n"),
        (StatusLine, b"HTTP/1.1 200\r\n\r\n"),
        (StatusLine, b"HTTP/1.1 20 OK\r\n\r\n"),
        (StatusLine, b"HTTP/1.1 2000 OK\r\n\r\n"),
        (StatusLine, b"HTTP/1.1 +20 OK\r\n\r\n"),
        (StatusLine, b"HTTP/1.1 099 OK\r\n\r\n"),
        (StatusLine, b"HTTP/1.1 600 OK\r\n\r\n"),
        (StatusLine, b"HTTP/1.1 200 O\0K\r\n\r\n"),
        (Version, b"HTTP/1.2 200 OK\r\n\r\n"),
        (Version, b"ICY 200 OK\r\n\r\n"),
        (FieldLine, b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"),
        (FieldName, b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n"),
        (FieldValue, b"HTTP/1.1 200 OK\r\nA: \0\r\n\r\n"),
        (ObsFold, b"HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\n\r\n"),
        (SectionCut, b"HTTP/1.1 200 OK\r\nA: b\r\n"),
        (SectionCut, b"HTT"),
        (ContentLength, b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok"),
        (ContentLength, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"),
        (TransferEncoding, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        (TransferEncoding, b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        (
            LengthAndTransferEncoding,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
        ),
        (FramingWithoutContent, b"HTTP/1.1 204 OK\r\nContent-Length: 0\r\n\r\n"),
        (FramingWithoutContent, b"HTTP/1.1 103 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ];
    for (violation, bytes) in cases {
        let (_upstream, mut client) = asking_for(bytes).await;
        let stop = client.try_response_head("GET").await.err();
        assert_eq!(stop, Some(Stop::Violation(violation)), "{}", bytes.escape_ascii());
    }
}

#[tokio::test]
async fn every_end_of_a_body_is_told_apart() {
    use BodyEnd::*;
    let cases: [(BodyEnd, &str, &'static [u8]); 12] = [
        (Complete, "ab", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"),
        (Truncated, "a", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na"),
        (Truncated, "", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"),
        (Complete, "", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        (Complete, "a", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"),
        (Truncated, "a", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"),
        (Truncated, "a", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"),
        (Truncated, "a", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na"),
        (
            Malformed(Violation::ChunkSize),
            "a",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n-\r\n",
        ),
        (
            Malformed(Violation::ChunkEnd),
            "a",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\naHTTP/1.1 200 OK",
        ),
        (
            Malformed(Violation::TrailerName),
            "",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n",
        ),
        (Complete, "all", b"HTTP/1.1 200 OK\r\n\r\nall"),
    ];
    for (end, text, bytes) in cases {
        let (_upstream, mut client) = asking_for(bytes).await;
        let body = client.response().await.body;
        assert_eq!((body.end, body.text().as_str()), (end, text), "{}", bytes.escape_ascii());
    }
}

#[tokio::test]
async fn pipelined_answers_are_read_one_by_one() {
    let (_upstream, mut client) = asking_for(
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n\
          HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\nthree",
    )
    .await;
    assert_eq!(client.response().await.text(), "one");
    assert_eq!(client.response().await.body.framing, Framing::NoBody);
    assert_eq!(client.response().await.text(), "two");
    assert_eq!(client.response().await.text(), "three");
    assert_eq!(client.expect_close().await, Closed::Fin);
    assert_eq!(client.try_response_head("GET").await.err(), Some(Stop::Closed));
}

#[tokio::test]
async fn a_head_keeps_order_case_and_every_byte() {
    let bytes = b"HTTP/1.0 200 All  right\r\nB: 1\r\na:2 \r\nb:\t3\r\n\r\n";
    let (_upstream, mut client) = asking_for(bytes).await;
    let head = client.response().await.head;
    assert_eq!(head.bytes, &bytes[..]);
    assert_eq!(head.reason, "All  right");
    let fields: Vec<_> = head.headers.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(fields, [("B", "1"), ("a", "2"), ("b", "3")]);
}

#[tokio::test]
async fn large_bodies_go_both_ways_at_once() {
    let upstream = RecordingUpstream::start(|_| Script::echo()).await;
    let mut client = RawClient::connect(upstream.addr()).await;
    let body: Vec<u8> = (0..8_000_000_u32).map(|i| (i % 251) as u8).collect();
    let head = format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.len());
    let response = client.exchange(&[head.as_bytes(), &body].concat(), "POST").await;
    assert!(response.body.is_complete() && response.body.bytes == body);
}

#[tokio::test]
#[should_panic(expected = "unexpected bytes: HTTP/1.1 200")]
async fn expecting_a_close_fails_when_bytes_come() {
    let (_upstream, mut client) = asking_for(b"HTTP/1.1 200 OK\r\n\r\n").await;
    client.expect_close().await;
}

#[tokio::test]
#[should_panic(expected = "Truncated")]
async fn the_text_of_a_cut_body_is_no_text() {
    let (_upstream, mut client) = asking_for(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab").await;
    client.response().await.text();
}

#[tokio::test]
#[should_panic(expected = "2 lines of a")]
async fn one_line_is_not_the_first_of_two() {
    let (_upstream, mut client) = asking_for(b"HTTP/1.1 200 OK\r\nA: 1\r\na: 1\r\n\r\n").await;
    client.response().await.header("a");
}
