//! Heads of responses: a line for each rule.

use http::Request;
use http1::{Fault, Limits};

use crate::seen::{Message, Seen, responses};

fn only(bytes: &[u8]) -> Result<Message, Fault> {
    match &responses(&Request::new(()), [bytes], Limits::RESPONSES)[..] {
        [Seen::Message(message), Seen::End] => Ok((**message).clone()),
        [Seen::Fault(fault)] => Err(*fault),
        seen => panic!("{}: {seen:?}", bytes.escape_ascii()),
    }
}

/// RFC 9112 §4.
#[test]
fn status_lines() {
    for (line, fault) in [
        ("BANANA", Fault::InvalidStatusLine),
        ("<html>", Fault::InvalidStatusLine),
        ("http/1.1 200 OK", Fault::InvalidStatusLine),
        ("HTTP/1.1 2000 OK", Fault::InvalidStatusLine),
        ("HTTP/1.1 20 OK", Fault::InvalidStatusLine),
        ("HTTP/1.1 099 OK", Fault::InvalidStatusLine),
        ("HTTP/1.1  200 OK", Fault::InvalidStatusLine),
        ("HTTP/1.1\t200 OK", Fault::InvalidStatusLine),
        ("HTTP/1.1 200\tOK", Fault::InvalidStatusLine),
        ("HTTP/1.1 200 O\0K", Fault::InvalidStatusLine),
        ("HTTP/1.1 200 O\rK", Fault::InvalidStatusLine),
        (" HTTP/1.1 200 OK", Fault::InvalidStatusLine),
        ("\r\nHTTP/1.1 200 OK", Fault::InvalidStatusLine),
        ("\nHTTP/1.1 200 OK", Fault::InvalidStatusLine),
        ("HTTP/1.2 200 OK", Fault::UnknownVersion),
        ("HTTP/3.0 200 OK", Fault::UnknownVersion),
        ("HTTP/1.1 200 OK\nX: y", Fault::BareLineFeed),
    ] {
        let bytes = format!("{line}\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(only(bytes.as_bytes()), Err(fault), "{line:?}");
    }
    for (line, expected) in [
        ("HTTP/1.1 200 OK", "HTTP/1.1 200 OK"),
        ("HTTP/1.1 200", "HTTP/1.1 200 "),
        ("HTTP/1.1 200 ", "HTTP/1.1 200 "),
        ("HTTP/1.0 404 Nope", "HTTP/1.0 404 Nope"),
        ("HTTP/1.1 200 Tr\u{e8}s bien", "HTTP/1.1 200 Tr\u{e8}s bien"),
        ("HTTP/1.1 799 ?", "HTTP/1.1 799 ?"),
    ] {
        let message = only(format!("{line}\r\nContent-Length: 0\r\n\r\n").as_bytes()).unwrap();
        assert_eq!(message.line, expected);
    }
}

/// RFC 9112 §5.1, §5.2.
#[test]
fn what_a_proxy_repairs() {
    for (field, expected) in [
        ("X : b", "b"),
        ("X\t \t: b", "b"),
        ("X: a\r\n b", "a b"),
        ("X: a \r\n\t b \r\n c", "a b c"),
        ("X:\r\n b", "b"),
        ("X: \r\n \r\n b", "b"),
        ("X: b\r\n ", "b"),
        ("X:\r\n ", ""),
    ] {
        let bytes = format!("HTTP/1.1 200 OK\r\n{field}\r\nContent-Length: 0\r\n\r\n");
        let message = only(bytes.as_bytes()).unwrap_or_else(|fault| panic!("{field:?}: {fault}"));
        assert_eq!(message.field("x"), Some(expected.as_bytes()), "{field:?}");
        assert_eq!(message.field("content-length"), Some(&b"0"[..]), "{field:?}");
    }
    let folded = only(b"HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\n\r\nok").unwrap();
    assert_eq!(folded.body, b"ok");
    let blank = only(b"HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n").unwrap();
    assert_eq!(blank.body, b"ok");
}

#[test]
fn what_it_does_not() {
    for (field, fault) in [
        ("X A : b", Fault::BlankBeforeColon),
        (" X: b", Fault::InvalidFieldName),
        (": b", Fault::InvalidFieldName),
        ("X", Fault::InvalidFieldName),
        ("X: a\0b", Fault::InvalidFieldValue),
        ("X: a\rb", Fault::InvalidFieldValue),
        ("X: a\n b", Fault::BareLineFeed),
        ("X: a\nY: b", Fault::BareLineFeed),
        ("Content-Length: 0\r\nContent-Length: 0", Fault::RepeatedLength),
        ("Content-Length: 2, 2", Fault::InvalidLength),
        ("Content-Length: 1\r\n 2", Fault::InvalidLength),
        ("Content-Length: 99999999999999999999", Fault::InvalidLength),
        ("Transfer-Encoding: gzip", Fault::UnendedCoding),
        ("Transfer-Encoding: gzip, chunked", Fault::UnknownCoding),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", Fault::RepeatedCoding),
        ("Transfer-Encoding: chunked\r\nContent-Length: 0", Fault::LengthAndCoding),
    ] {
        let bytes = format!("HTTP/1.1 200 OK\r\n{field}\r\n\r\n");
        assert_eq!(only(bytes.as_bytes()), Err(fault), "{field:?}");
    }
    let old = only(b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    assert_eq!(old, Err(Fault::CodingInHttp10));
    assert_eq!(only(b""), Err(Fault::ClosedBeforeHead));
}

#[test]
fn limits() {
    let limits = Limits { section: 256, fields: 4, ..Limits::RESPONSES };
    let small = |rest: String| {
        let bytes = format!("HTTP/1.1 204 No Content\r\n{rest}\r\n");
        match &responses(&Request::new(()), [bytes.as_bytes()], limits)[..] {
            [Seen::Message(_), Seen::End] => Ok(()),
            [Seen::Fault(fault)] => Err(*fault),
            seen => panic!("{seen:?}"),
        }
    };
    assert_eq!(small("X: y\r\n".repeat(4)), Ok(()));
    assert_eq!(small("X: y\r\n".repeat(5)), Err(Fault::TooManyFields));
    let around = "HTTP/1.1 204 No Content\r\nX: \r\n\r\n".len();
    let section = |length: usize| format!("X: {}\r\n", "y".repeat(length - around));
    assert_eq!(small(section(256)), Ok(()));
    assert_eq!(small(section(257)), Err(Fault::HeadTooLarge));
}
