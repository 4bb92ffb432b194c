//! Requests are framed anew, and no body is lost on the way.

use crate::support::recorder::{Answer, Script};
use crate::support::relay::Relay;
use crate::support::syntax::Framing;

#[tokio::test]
async fn any_method_keeps_its_body_and_says_how_long_it_is() {
    let relay = Relay::plain(|_| Script::echo()).await;
    for method in ["GET", "DELETE", "OPTIONS", "POST", "PUT", "PATCH", "PROPFIND"] {
        for (framing, body, expected) in [
            ("Transfer-Encoding: chunked", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", Framing::Chunked),
            ("Transfer-Encoding: Chunked", "5;ext=1\r\nabcde\r\n0\r\n\r\n", Framing::Chunked),
            ("Content-Length: 5", "abcde", Framing::Length(5)),
            ("Content-Length: 005", "abcde", Framing::Length(5)),
        ] {
            let request = format!("{method} /api/x HTTP/1.1\r\nHost: test\r\n{framing}\r\n\r\n{body}");
            let exchange = relay.exchange(request).await;
            assert_eq!(exchange.seen().body.framing, expected, "{method} {framing}");
            assert_eq!(exchange.seen().body.text(), "abcde", "{method} {framing}");
            assert_eq!(exchange.response.text(), "abcde", "{method} {framing}");
        }
    }
    // The body of a HEAD request is passed on too.
    let chunked =
        "HEAD /api/x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";
    assert_eq!(relay.exchange(chunked).await.seen().body.text(), "a");
}

#[tokio::test]
async fn nothing_is_said_of_a_body_that_isnt_there_but_where_it_was() {
    let relay = Relay::plain(|_| Script::ok("")).await;
    for (method, line, expected) in [
        ("GET", "", None),
        ("HEAD", "", None),
        ("DELETE", "", None),
        ("OPTIONS", "", None),
        ("GET", "Content-Length: 0\r\n", Some("0")),
        ("POST", "Content-Length: 0\r\n", Some("0")),
        ("DELETE", "Content-Length: 0\r\n", Some("0")),
        // RFC 9110 section 8.6: for methods that usually have content, the absence of it is stated.
        ("POST", "", Some("0")),
        ("PUT", "", Some("0")),
        ("PATCH", "", Some("0")),
    ] {
        let exchange = relay.exchange(format!("{method} /api/x HTTP/1.1\r\nHost: test\r\n{line}\r\n")).await;
        let headers = &exchange.seen().headers;
        let sent = (headers.one("content-length"), headers.one("transfer-encoding"));
        assert_eq!(sent, (expected, None), "{method} {line}");
    }
}

#[tokio::test]
async fn nominating_the_framing_takes_nothing_away() {
    let relay = Relay::plain(|_| Script::echo()).await;
    for (framing, body) in [
        ("Content-Length: 3\r\nConnection: content-length", "abc"),
        ("Transfer-Encoding: chunked\r\nConnection: transfer-encoding", "3\r\nabc\r\n0\r\n\r\n"),
    ] {
        let request = format!("POST /api/x HTTP/1.1\r\nHost: test\r\n{framing}\r\n\r\n{body}");
        assert_eq!(relay.exchange(request).await.seen().body.text(), "abc", "{framing}");
    }
}

#[tokio::test]
async fn an_answers_framing_is_the_gateways_too() {
    let relay = Relay::plain(|request| match request.target.as_str() {
        "/sized" => Script::ok("abc"),
        "/chunked" => Script::answer(Answer::new(200).chunks(["a", "bc"])),
        _ => Script::answer(Answer::new(200).until_close("abc")),
    })
    .await;
    for (path, expected) in
        [("sized", Framing::Length(3)), ("chunked", Framing::Chunked), ("closing", Framing::Chunked)]
    {
        let http11 = relay.exchange(format!("GET /api/{path} HTTP/1.1\r\nHost: test\r\n\r\n")).await.response;
        assert_eq!((http11.text().as_str(), http11.body.framing), ("abc", expected), "{path}");
        // HTTP/1.0 knows no chunks.
        let http10 = relay.exchange(format!("GET /api/{path} HTTP/1.0\r\nHost: test\r\n\r\n")).await.response;
        assert_eq!(http10.text(), "abc", "{path}");
        assert_ne!(http10.body.framing, Framing::Chunked, "{path}");
    }
}
