//! The recording upstream reports what is malformed, records what is not, and can be killed and started again.

use bytes::Bytes;
use tokio::net::TcpStream;

use crate::support::body::BodyEnd;
use crate::support::raw::{Closed, RawClient};
use crate::support::recorder::{End, RecordedConnection, RecordingUpstream, Script};
use crate::support::syntax::{Framing, Version, Violation};

async fn upstream() -> RecordingUpstream {
    RecordingUpstream::start(|_| Script::ok("ok")).await
}

/// A request with a correct head, except for `lines`.
fn with_lines(lines: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: h\r\n{lines}\r\n")
}

fn chunked(body: &str) -> String {
    with_lines("Transfer-Encoding: chunked\r\n") + body
}

async fn last_connection_after(upstream: &RecordingUpstream, bytes: &[u8]) -> RecordedConnection {
    let mut client = RawClient::connect(upstream.addr()).await;
    client.send(bytes).await;
    client.finish().await;
    upstream.next_closed().await
}

#[tokio::test]
async fn malformed_heads_are_flagged() {
    use Violation::*;
    let cases: Vec<(Violation, String)> = [
        // lines
        (BareLf, "GET / HTTP/1.1\nHost: h\r\n\r\n"),
        (BareLf, "GET / HTTP/1.1\r\nHost: h\nA: b\r\n\r\n"),
        (BareLf, "GET / HTTP/1.1\r\nHost: h\r\n\n"),
        (BareLf, "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"),
        (BareCr, "GET / HTTP/1.1\rHost: h\r\n\r\n"),
        (BareCr, "GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n"),
        (BareCr, "GET / HTTP/1.1\r\nHost: h\r\n\rX"),
        // the request line
        (RequestLine, "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"),
        (RequestLine, "GET /\r\nHost: h\r\n\r\n"),
        (RequestLine, "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"),
        (RequestLine, "GET / HTTP/1.1 \r\nHost: h\r\n\r\n"),
        (RequestLine, "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"),
        (RequestLine, " GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
        (RequestLine, "GE(T / HTTP/1.1\r\nHost: h\r\n\r\n"),
        (RequestLine, "GET\t/\tHTTP/1.1\r\nHost: h\r\n\r\n"),
        (Version, "GET / HTTP/1.2\r\nHost: h\r\n\r\n"),
        (Version, "GET / HTTP/2.0\r\nHost: h\r\n\r\n"),
        (Version, "GET / http/1.1\r\nHost: h\r\n\r\n"),
        (Target, "GET * HTTP/1.1\r\nHost: h\r\n\r\n"),
        (Target, "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n"),
        (Target, "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n"),
        (Target, "GET a HTTP/1.1\r\nHost: h\r\n\r\n"),
        (Target, "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n"),
        (Target, "GET /\u{0}a HTTP/1.1\r\nHost: h\r\n\r\n"),
        (Target, "GET /ä HTTP/1.1\r\nHost: h\r\n\r\n"),
        // fields
        (FieldLine, "GET / HTTP/1.1\r\nHost: h\r\nA\r\n\r\n"),
        (FieldName, "GET / HTTP/1.1\r\nHost: h\r\n: b\r\n\r\n"),
        (FieldName, "GET / HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n"),
        (FieldName, "GET / HTTP/1.1\r\nHost: h\r\nA\u{0}: b\r\n\r\n"),
        (FieldName, "GET / HTTP/1.1\r\nHost: h\r\nÄ: b\r\n\r\n"),
        (FieldValue, "GET / HTTP/1.1\r\nHost: h\r\nA: b\u{0}c\r\n\r\n"),
        (FieldValue, "GET / HTTP/1.1\r\nHost: h\r\nA: b\u{7f}\r\n\r\n"),
        (ObsFold, "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n"),
        (ObsFold, "GET / HTTP/1.1\r\n Host: h\r\n\r\n"),
        (SectionCut, "GET"),
        (SectionCut, "GET / HTTP/1.1\r\nHost: h\r\n"),
        // Host
        (Host, "GET / HTTP/1.1\r\n\r\n"),
        (Host, "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"),
        (Host, "GET / HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n"),
        (Host, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
        (Host, "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n"),
        (Host, "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n"),
        (Host, "GET / HTTP/1.1\r\nHost: h:8a\r\n\r\n"),
        (Host, "GET / HTTP/1.1\r\nHost: \r\n\r\n"),
        (Host, "GET / HTTP/1.1\r\nHost: [::g]\r\n\r\n"),
        (Host, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
    ]
    .map(|(violation, text)| (violation, text.to_owned()))
    .into();
    let framing = [
        (ContentLength, "Content-Length: \r\n"),
        (ContentLength, "Content-Length: +1\r\n"),
        (ContentLength, "Content-Length: -1\r\n"),
        (ContentLength, "Content-Length: 1_0\r\n"),
        (ContentLength, "Content-Length: 0x1\r\n"),
        (ContentLength, "Content-Length: 1, 1\r\n"),
        (ContentLength, "Content-Length: 1\r\nContent-Length: 1\r\n"),
        (ContentLength, "Content-Length: 1\r\ncontent-length: 2\r\n"),
        (ContentLength, "Content-Length: 18446744073709551616\r\n"),
        (TransferEncoding, "Transfer-Encoding: gzip\r\n"),
        (TransferEncoding, "Transfer-Encoding: gzip, chunked\r\n"),
        (TransferEncoding, "Transfer-Encoding: chunked, chunked\r\n"),
        (TransferEncoding, "Transfer-Encoding: chunked;q=1\r\n"),
        (TransferEncoding, "Transfer-Encoding: \"chunked\"\r\n"),
        (TransferEncoding, "Transfer-Encoding: identity\r\n"),
        (TransferEncoding, "Transfer-Encoding: \r\n"),
        (TransferEncoding, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        (LengthAndTransferEncoding, "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"),
        (LengthAndTransferEncoding, "Content-Length: 1\r\nTransfer-Encoding: x\r\n"),
    ];
    let framing = framing.map(|(violation, lines)| (violation, with_lines(lines)));
    let old = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned();

    let upstream = upstream().await;
    for (violation, text) in cases.into_iter().chain(framing).chain([(TransferEncoding, old)]) {
        let connection = last_connection_after(&upstream, text.as_bytes()).await;
        let (flagged, around) = connection.violation.unwrap_or_else(|| panic!("{text:?} was accepted"));
        assert_eq!(flagged, violation, "{text:?}");
        assert!(around.starts_with(text.as_bytes()) || text.as_bytes().starts_with(&around), "{around:?}");
        assert_eq!((connection.requests, connection.end), (0, Some(End::WeClosed)), "{text:?}");
    }
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn malformed_bodies_are_flagged() {
    use Violation::*;
    let upstream = upstream().await;
    for (violation, body) in [
        (ChunkSize, "\r\n"),
        (ChunkSize, "x\r\n"),
        (ChunkSize, "0x1\r\na\r\n0\r\n\r\n"),
        (ChunkSize, "+1\r\na\r\n0\r\n\r\n"),
        (ChunkSize, "1 \r\na\r\n0\r\n\r\n"),
        (ChunkSize, "10000000000000000\r\n"),
        (ChunkExtension, "1;a=b\r\na\r\n0\r\n\r\n"),
        (ChunkExtension, "0;\r\n\r\n"),
        (BareLf, "1\na\r\n0\r\n\r\n"),
        (BareCr, "1\ra\r\n0\r\n\r\n"),
        (ChunkEnd, "1\r\nab\r\n0\r\n\r\n"),
        (ChunkEnd, "1\r\na\n0\r\n\r\n"),
        (ChunkEnd, "1\r\na\r0\r\n\r\n"),
        (BareLf, "0\r\n\n"),
        (FieldLine, "0\r\nnonsense\r\n\r\n"),
        (ObsFold, "0\r\nA: b\r\n c\r\n\r\n"),
        (TrailerName, "0\r\nContent-Length: 1\r\n\r\n"),
        (TrailerName, "0\r\nhost: h\r\n\r\n"),
        (TrailerName, "0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ] {
        let before = upstream.requests().len();
        let connection = last_connection_after(&upstream, chunked(body).as_bytes()).await;
        assert_eq!(connection.violation.map(|(flagged, _)| flagged), Some(violation), "{body:?}");
        assert_eq!(connection.requests, 1, "the head was in order");
        assert_eq!(upstream.requests()[before].body.end, BodyEnd::Malformed(violation), "{body:?}");
    }
}

#[tokio::test]
async fn what_follows_a_message_is_the_next_one() {
    let upstream = upstream().await;
    let smuggled = with_lines("Content-Length: 1\r\n") + "xGET /evil HTTP/1.1\r\nHost: h\r\n\r\n";
    let connection = last_connection_after(&upstream, smuggled.as_bytes()).await;
    assert_eq!((connection.requests, connection.violation, connection.end), (2, None, Some(End::PeerClosed)));
    let targets: Vec<String> = upstream.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["/", "/evil"]);

    let too_long = with_lines("Content-Length: 1\r\n") + "xyz";
    let connection = last_connection_after(&upstream, too_long.as_bytes()).await;
    assert_eq!(connection.violation, Some((Violation::SectionCut, Bytes::from_static(b"yz"))));
}

#[tokio::test]
async fn requests_are_recorded_as_they_were_however_they_were_cut_up() {
    let head = "PATCH //a%2Fb;c?x=%zz&&|{ HTTP/1.1\r\nhOST: [::1]:80\r\nX-Empty:\r\nX-Twice:  a\t\r\nx-twice: \u{e9} b\r\n\
                Transfer-Encoding: CHUNKED\r\n\r\n";
    let request =
        [head.as_bytes(), b"1\r\n\0\r\n00a\r\n0123456789\r\n0\r\nX-Trailer: t\r\nX-trailer: u\r\n\r\n"]
            .concat();
    for piece in [1, 2, 3, 7, request.len()] {
        let upstream = upstream().await;
        let mut client = RawClient::connect(upstream.addr()).await;
        for bytes in request.chunks(piece) {
            client.send(bytes).await;
        }
        assert_eq!(client.response().await.text(), "ok");

        let recorded = upstream.wait_for(1).await.remove(0);
        assert_eq!(recorded.head, head);
        assert_eq!((recorded.method.as_str(), recorded.target.as_str()), ("PATCH", "//a%2Fb;c?x=%zz&&|{"));
        assert_eq!(recorded.version, Version::Http11);
        let names: Vec<&str> = recorded.headers.0.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["hOST", "X-Empty", "X-Twice", "x-twice", "Transfer-Encoding"]);
        assert_eq!(recorded.headers.all("X-TWICE"), ["a", "\u{c3}\u{a9} b"], "bytes as Latin-1, trimmed");
        assert_eq!(recorded.headers.one("x-empty"), Some(""));
        assert_eq!((recorded.body.framing, recorded.body.end), (Framing::Chunked, BodyEnd::Complete));
        assert_eq!(recorded.body.bytes, b"\x000123456789");
        assert_eq!(recorded.body.chunks, [1, 10]);
        assert_eq!(recorded.body.trailers.all("x-trailer"), ["t", "u"]);
        upstream.assert_clean();
    }
}

#[tokio::test]
async fn well_formed_requests_are_not_flagged() {
    let upstream = upstream().await;
    for (request, framing) in [
        ("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", Framing::NoBody),
        ("M-SEARCH /? HTTP/1.1\r\nHost: a.b-c_d:8080\r\n\r\n", Framing::NoBody),
        ("GET / HTTP/1.1\r\nHost: h:\r\n\r\n", Framing::NoBody),
        ("GET / HTTP/1.0\r\n\r\n", Framing::NoBody),
        ("DELETE / HTTP/1.1\r\nHost: 127.0.0.1:1\r\nContent-Length: 0\r\n\r\n", Framing::Length(0)),
        ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 003\r\n\r\nabc", Framing::Length(3)),
        ("HEAD / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Framing::Chunked),
    ] {
        let before = upstream.requests().len();
        let connection = last_connection_after(&upstream, request.as_bytes()).await;
        assert_eq!((connection.requests, connection.violation), (1, None), "{request:?}");
        let body = upstream.requests().swap_remove(before).body;
        assert_eq!((body.framing, body.end), (framing, BodyEnd::Complete), "{request:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_cut_is_told_from_one_that_is_reset() {
    for (sent, kept) in [
        (with_lines("Content-Length: 5\r\n") + "123", "123"),
        (chunked("5\r\n123"), "123"),
        (chunked("3\r\n123\r\n"), "123"),
        (chunked("3\r\n123\r\n0\r\n"), "123"),
        (chunked("3\r\n123\r\n0\r\nA: b"), "123"),
        (chunked(""), ""),
    ] {
        let upstream = upstream().await;
        let mut closing = RawClient::connect(upstream.addr()).await;
        closing.send(&sent).await;
        drop(closing);
        let request = upstream.wait_for(1).await.remove(0);
        assert_eq!((request.body.text().as_str(), request.body.end), (kept, BodyEnd::Truncated), "{sent:?}");
        let connection = upstream.next_closed().await;
        assert_eq!((connection.end, connection.violation), (Some(End::PeerClosed), None));

        let mut resetting = RawClient::connect(upstream.addr()).await;
        resetting.send(&sent).await;
        // A reset overtakes bytes that were not read yet.
        upstream.wait_for_heads(2).await;
        resetting.reset();
        assert_eq!(upstream.wait_for(2).await[1].body.end, BodyEnd::Reset, "{sent:?}");
        assert_eq!(upstream.next_closed().await.end, Some(End::PeerReset));
    }
}

#[tokio::test]
async fn connections_are_counted_and_kept_alive_as_the_request_says() {
    let upstream = upstream().await;
    let mut client = RawClient::connect(upstream.addr()).await;
    for _ in 0..3 {
        assert_eq!(client.get("/").await.status(), 200);
    }
    client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n").await;
    assert_eq!(client.response().await.text(), "ok");
    assert_eq!(client.expect_close().await, Closed::Fin);
    let connection = upstream.next_closed().await;
    assert_eq!((connection.number, connection.requests, connection.peer), (0, 4, client.local_addr()));
    assert_eq!(connection.end, Some(End::WeClosed));

    let mut old = RawClient::connect(upstream.addr()).await;
    old.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n").await;
    assert_eq!(old.response().await.text(), "ok");
    assert_eq!(old.response().await.text(), "ok");
    assert_eq!(old.expect_close().await, Closed::Fin);
    assert_eq!(
        upstream.requests().iter().map(|request| request.connection).collect::<Vec<_>>(),
        [0, 0, 0, 0, 1, 1]
    );
}

#[tokio::test]
async fn kill_drops_every_connection_and_restart_listens_again() {
    let mut upstream = upstream().await;
    for so_far in [0, 3, 6] {
        let mut idle = RawClient::connect(upstream.addr()).await;
        assert_eq!(idle.get("/").await.status(), 200);
        let mut busy = RawClient::connect(upstream.addr()).await;
        busy.send(with_lines("Content-Length: 5\r\n")).await;
        upstream.wait_for_heads(so_far + 2).await;

        upstream.kill().await;
        assert!(TcpStream::connect(upstream.addr()).await.is_err(), "still listening");
        let killed: Vec<_> =
            upstream.connections().split_off(so_far).iter().map(|killed| killed.end).collect();
        assert_eq!(killed, [Some(End::Killed); 2]);
        idle.expect_close().await;
        busy.expect_close().await;
        assert_eq!(upstream.requests()[so_far + 1].body.end, BodyEnd::Open, "nobody saw its end");

        upstream.restart().await;
        let mut after = RawClient::connect(upstream.addr()).await;
        assert_eq!(after.get("/").await.text(), "ok");
        assert_eq!(upstream.connections().len(), so_far + 3);
    }
}

#[tokio::test]
async fn dropping_the_upstream_kills_it() {
    let upstream = upstream().await;
    let mut client = RawClient::connect(upstream.addr()).await;
    assert_eq!(client.get("/").await.status(), 200);
    drop(upstream);
    client.expect_close().await;
}

#[tokio::test]
#[should_panic(expected = "SectionCut")]
async fn a_violation_fails_the_test_that_asks() {
    let upstream = upstream().await;
    last_connection_after(&upstream, b"x").await;
    upstream.assert_clean();
}
