//! Bodies as they are received (RFC 9112 §6, §7).

use http::Request;
use http1::{Fault, Limits};

use crate::seen::{Message, Seen, requests, responses};

const HEAD: &str = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

fn chunked(body: &str, limits: Limits) -> Message {
    match &requests([HEAD.as_bytes(), body.as_bytes()], limits)[..] {
        [Seen::Message(message), Seen::End] => (**message).clone(),
        [Seen::Message(message)] if message.cut.is_some() => (**message).clone(),
        seen => panic!("{body:?}: {seen:?}"),
    }
}

#[test]
fn chunks() {
    for (body, content) in [
        ("0\r\n\r\n", ""),
        ("2\r\nok\r\n0\r\n\r\n", "ok"),
        ("1\r\no\r\n1\r\nk\r\n0\r\n\r\n", "ok"),
        ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("0000000000000002\r\nok\r\n000\r\n\r\n", "ok"),
        ("2;a=b\r\nok\r\n0;c\r\n\r\n", "ok"),
        ("2;a=\"b;c\"\r\nok\r\n0\r\n\r\n", "ok"),
        ("2;a=\"b\\\"c\"\r\nok\r\n0\r\n\r\n", "ok"),
        ("2 \t;\t a \t=\t b\r\nok\r\n0\r\n\r\n", "ok"),
        ("2;a;b=c ;d=\"\u{e9}\t\" ; e\r\nok\r\n0\r\n\r\n", "ok"),
        ("2\r\nok\r\n0\r\nX: y\r\n\r\n", "ok"),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
    ] {
        let message = chunked(body, Limits::REQUESTS);
        assert_eq!((&message.body[..], message.cut), (content.as_bytes(), None), "{body:?}");
    }
}

#[test]
fn malformed_chunks() {
    for (body, fault) in [
        ("\r\n", Fault::InvalidChunkSize),
        ("g\r\n", Fault::InvalidChunkSize),
        (" 2\r\nok", Fault::InvalidChunkSize),
        (";a\r\n", Fault::InvalidChunkSize),
        ("0x2\r\nok", Fault::InvalidChunkSize),
        ("+2\r\nok", Fault::InvalidChunkSize),
        ("-2\r\nok", Fault::InvalidChunkSize),
        ("2,2\r\nok", Fault::InvalidChunkSize),
        ("2 2\r\nok", Fault::InvalidChunkSize),
        ("2_\r\nok", Fault::InvalidChunkSize),
        ("2\0\r\nok", Fault::InvalidChunkSize),
        ("2\nok\r\n0\r\n\r\n", Fault::InvalidChunkSize),
        ("2\rok", Fault::InvalidChunkSize),
        ("00000000000000002\r\nok", Fault::InvalidChunkSize),
        ("fffffffffffffffff\r\n", Fault::InvalidChunkSize),
        ("2 \r\nok\r\n0\r\n\r\n", Fault::InvalidChunkSize),
        ("2\r\nok\r\n0\t\r\n\r\n", Fault::InvalidChunkSize),
        ("2;\r\nok", Fault::InvalidChunkExtension),
        ("2; \r\nok", Fault::InvalidChunkExtension),
        ("2;a;\r\nok", Fault::InvalidChunkExtension),
        ("2;;a\r\nok", Fault::InvalidChunkExtension),
        ("2;=b\r\nok", Fault::InvalidChunkExtension),
        ("2;a=\r\nok", Fault::InvalidChunkExtension),
        ("2;a \r\nok", Fault::InvalidChunkExtension),
        ("2;a=b \r\nok", Fault::InvalidChunkExtension),
        ("2;a b\r\nok", Fault::InvalidChunkExtension),
        ("2;a=b c\r\nok", Fault::InvalidChunkExtension),
        ("2;a[\r\nok", Fault::InvalidChunkExtension),
        ("2;\u{e9}\r\nok", Fault::InvalidChunkExtension),
        ("2;a=b\"c\"\r\nok", Fault::InvalidChunkExtension),
        ("2;a=\"b\"c\r\nok", Fault::InvalidChunkExtension),
        ("2;a\nb\r\nok", Fault::InvalidChunkExtension),
        ("2;\nok", Fault::InvalidChunkExtension),
        ("2;a\rb\r\nok", Fault::InvalidChunkSize),
        ("2;a\0\r\nok", Fault::InvalidChunkExtension),
        ("2;a=\"\r\nok\r\n0\r\n\r\n", Fault::InvalidChunkExtension),
        ("2;a=\"b\\\"\r\nok\r\n0\r\n\r\n", Fault::InvalidChunkExtension),
        ("2\r\nokk\r\n", Fault::UnendedChunk),
        ("2\r\nok\n0\r\n\r\n", Fault::UnendedChunk),
        ("2\r\nok\r0\r\n\r\n", Fault::UnendedChunk),
        ("2\r\nok0\r\n\r\n", Fault::UnendedChunk),
        ("2\r\nok\r\n\r\n\r\n", Fault::InvalidChunkSize),
        ("2\r\nok\r\n-0\r\n\r\n", Fault::InvalidChunkSize),
        ("0\r\n\n", Fault::BareLineFeed),
        ("0\n\r\n", Fault::InvalidChunkSize),
        ("0\r\nX: y\n\r\n", Fault::BareLineFeed),
        ("0\r\nX: y\r\n\n", Fault::BareLineFeed),
        ("0\r\nno colon\r\n\r\n", Fault::BlankBeforeColon),
        ("0\r\nX: y\r\n z\r\n\r\n", Fault::ObsoleteFolding),
        ("0\r\nX: a\0\r\n\r\n", Fault::InvalidFieldValue),
        ("0\r\n: a\r\n\r\n", Fault::InvalidFieldName),
        ("", Fault::CutBody),
        ("2", Fault::CutBody),
        ("2\r\no", Fault::CutBody),
        ("2\r\nok", Fault::CutBody),
        ("2\r\nok\r\n0\r\n", Fault::CutBody),
        ("2\r\nok\r\n0\r\n\r", Fault::CutBody),
        ("2\r\nok\r\n0\r\nX: y\r\n", Fault::CutBody),
    ] {
        assert_eq!(chunked(body, Limits::REQUESTS).cut, Some(fault), "{body:?}");
    }
}

/// Old servers write sizes in a fixed width. The rest of the grammar is that of requests.
#[test]
fn sizes_in_responses_may_be_padded() {
    let seen = |body: &str| {
        let bytes = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        match &responses(&Request::new(()), [bytes.as_bytes()], Limits::RESPONSES)[..] {
            [Seen::Message(message), ..] => (message.body.clone(), message.cut),
            seen => panic!("{body:?}: {seen:?}"),
        }
    };
    for body in ["2   \r\nok\r\n0 \t\r\n\r\n", "2;a \r\nok\r\n0\r\n\r\n", "2;a=b \r\nok\r\n0\r\n\r\n"] {
        assert_eq!(seen(body), (b"ok".to_vec(), None), "{body:?}");
    }
    assert_eq!(seen("2;\r\nok\r\n0\r\n\r\n").1, Some(Fault::InvalidChunkExtension));
}

/// Each byte of content makes up for one of an extension before it.
#[test]
fn extensions_are_bounded() {
    let limits = Limits { extensions: 8, ..Limits::REQUESTS };
    for (body, cut) in [
        ("2;1234567\r\nok\r\n0\r\n\r\n", None),
        ("2;12345678\r\nok\r\n0\r\n\r\n", Some(Fault::ChunkExtensionsTooLarge)),
        ("2         \r\nok\r\n0\r\n\r\n", Some(Fault::ChunkExtensionsTooLarge)),
        ("2;1234567\r\nok\r\n0;1\r\n\r\n", None),
        ("2;1234567\r\nok\r\n0;12\r\n\r\n", Some(Fault::ChunkExtensionsTooLarge)),
        ("8;1234567\r\n12345678\r\n1;1234567\r\n1\r\n0\r\n\r\n", None),
    ] {
        assert_eq!(chunked(body, limits).cut, cut, "{body:?}");
    }
}

#[test]
fn trailers_are_bounded() {
    let limits = Limits { trailers: 16, fields: 3, ..Limits::REQUESTS };
    let fields = "A:1\r\n";
    for (body, cut) in [
        (fields.repeat(2), None),
        ("X: 12345678\r\n".to_owned(), None),
        ("X: 1234567890\r\n".to_owned(), Some(Fault::TrailersTooLarge)),
        (fields.repeat(4), Some(Fault::TrailersTooLarge)),
    ] {
        assert_eq!(chunked(&format!("0\r\n{body}\r\n"), limits).cut, cut, "{body:?}");
    }
    let limits = Limits { fields: 3, ..Limits::REQUESTS };
    assert_eq!(chunked(&format!("0\r\n{}\r\n", fields.repeat(3)), limits).cut, None);
    let cut = chunked(&format!("0\r\n{}\r\n", fields.repeat(4)), limits).cut;
    assert_eq!(cut, Some(Fault::TooManyFields));
}

#[test]
fn trailers_come_whether_announced_or_not() {
    let message = chunked("0\r\nX: y\r\nX: z\r\nContent-Length: 9\r\n\r\n", Limits::REQUESTS);
    let field = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    assert_eq!(message.trailers, [field("x", "y"), field("x", "z"), field("content-length", "9")]);
}

#[test]
fn what_follows_a_body_is_the_next_request() {
    let bytes = format!("{HEAD}2\r\nok\r\n0\r\nX: y\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    let seen = requests([bytes.as_bytes()], Limits::REQUESTS);
    let [Seen::Message(_), Seen::Message(next), Seen::End] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!(next.line, "GET /next HTTP/1.1");
}
