//! Chunk extensions and other metadata of chunks are never passed on. What is accepted is chunked anew; the recorder
//! refuses extensions.

use super::parsers::Parsers;
use crate::support::body::BodyEnd;
use crate::support::wire::Stop;

const HEAD: &str = "POST {P} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";

#[tokio::test]
async fn odd_lines_are_refused() {
    let parsers = Parsers::start().await;
    let long = "x".repeat(64 << 10);
    let many = "1;".to_owned() + &"x".repeat(1 << 10) + "\r\na\r\n";
    for (name, chunks) in [
        ("LF for a line end", "3\nabc\r\n0\r\n\r\n".to_owned()),
        ("LF in the last chunk's", "3\r\nabc\r\n0\n\r\n".to_owned()),
        ("CR for a line end", "3\rabc\r\n0\r\n\r\n".to_owned()),
        ("a blank before the line end", "3 \r\nabc\r\n0\r\n\r\n".to_owned()),
        ("an extension without a name", "3;\r\nabc\r\n0\r\n\r\n".to_owned()),
        ("LF after an extension", "3;\nabc\r\n0\r\n\r\n".to_owned()),
        ("LF in an extension", "3;a\nb\r\nabc\r\n0\r\n\r\n".to_owned()),
        ("CR in an extension", "3;a\rb\r\nabc\r\n0\r\n\r\n".to_owned()),
        ("an extension of 64 KiB", format!("3;{long}\r\nabc\r\n0\r\n\r\n")),
        ("64 extensions of 1 KiB", format!("{}0\r\n\r\n", many.repeat(64))),
        ("64 KiB of trailers", format!("3\r\nabc\r\n0\r\nx: {long}\r\n\r\n")),
    ] {
        let bytes = format!("{HEAD}{chunks}GET /rb/next HTTP/1.1\r\nHost: test\r\n\r\n");
        let mut client = parsers.send("/rb", "/x", bytes.as_bytes()).await;
        let answer = client.response().await;
        assert_eq!(answer.status(), 400, "{name}");
        let after = client.try_response_head("GET").await;
        assert!(matches!(after, Err(Stop::Closed | Stop::Reset)), "{name}: {after:?}");
    }
    let begun = parsers.strict.requests().len();
    for request in parsers.strict.wait_for(begun).await {
        assert_eq!(request.target, "/x");
        assert_ne!(request.body.end, BodyEnd::Complete, "{request:?}");
    }
    parsers.assert_clean();
}

#[tokio::test]
async fn what_is_accepted_is_chunked_anew() {
    let parsers = Parsers::start().await;
    let long = "x".repeat(1 << 10);
    let bytewise = |extension: &str| -> String {
        "0123456789".chars().map(|c| format!("1{extension}\r\n{c}\r\n")).collect()
    };
    for (name, chunks) in [
        ("none", bytewise("")),
        ("short", bytewise(";a=b")),
        ("quoted", bytewise(";a=\"b;c\"")),
        ("blanks", bytewise(" \t;\t a")),
        ("1 KiB a byte", bytewise(&format!(";{long}"))),
    ] {
        for route in parsers.routes() {
            let bytes = format!("{HEAD}{chunks}0;last\r\n\r\n");
            let answer = parsers.send(route, "/x", bytes.as_bytes()).await.response().await;
            assert_eq!(answer.text(), "POST /x 0123456789", "{route} {name}");
        }
    }
    parsers.assert_clean();
}

/// The upstream already has the head of the request and its first chunk: it must never see a proper end.
#[tokio::test]
async fn a_chunk_that_goes_wrong_later_cuts_the_upstreams_request() {
    let parsers = Parsers::start().await;
    for (number, late) in
        ["0x3\r\nabc\r\n", "3\nabc\r\n", "3\r\nabcd\r\n", "zz\r\n", "\r\n", "0\r\nno colon\r\n\r\n"]
            .iter()
            .enumerate()
    {
        let mut client = parsers.send("/rb", "/late", format!("{HEAD}3\r\nabc\r\n").as_bytes()).await;
        parsers.strict.wait_for_heads(number + 1).await;
        client.send(format!("{late}GET /rb/next HTTP/1.1\r\nHost: test\r\n\r\n")).await;
        assert_eq!(client.response().await.status(), 400, "{late:?}");
        let after = client.try_response_head("GET").await;
        assert!(matches!(after, Err(Stop::Closed | Stop::Reset)), "{late:?}: {after:?}");
        let cut = parsers.strict.wait_for(number + 1).await;
        assert!(matches!(cut[number].body.end, BodyEnd::Truncated | BodyEnd::Reset), "{late:?}: {cut:?}");
        assert_eq!(cut[number].connection, number, "a connection was used again");
    }
    parsers.assert_clean();
}
