//! Heads of requests: a line for each rule.

use http1::{Fault, Limits};

use crate::seen::{Message, Seen, requests};

fn only(bytes: &[u8]) -> Result<Message, Fault> {
    match &requests([bytes], Limits::REQUESTS)[..] {
        [Seen::Message(message), Seen::End] => Ok((**message).clone()),
        [Seen::Message(message)] if message.is_last => Ok((**message).clone()),
        [Seen::Fault(fault)] => Err(*fault),
        seen => panic!("{}: {seen:?}", bytes.escape_ascii()),
    }
}

fn refused(rows: &[(&[u8], Fault)]) {
    for (bytes, fault) in rows {
        assert_eq!(only(bytes), Err(*fault), "{}", bytes.escape_ascii());
    }
}

/// RFC 9112 §3.
#[test]
fn request_lines() {
    refused(&[
        (b"GET /\r\n\r\n", Fault::InvalidRequestLine),
        (b"GET HTTP/1.1\r\n\r\n", Fault::InvalidRequestLine),
        (b"GET / http/1.1\r\n\r\n", Fault::InvalidRequestLine),
        (b"GET / HTTP/1.1 \r\n\r\n", Fault::InvalidRequestLine),
        (b"GET / HTTP/1.1x\r\n\r\n", Fault::InvalidRequestLine),
        (b"GET / HTTP/1.1\x07GET / HTTP/1.1\r\n\r\n", Fault::InvalidRequestLine),
        (b"GET / x HTTP/1.1\r\n\r\n", Fault::InvalidRequestLine),
        (b"GET /  HTTP/1.1\r\n\r\n", Fault::InvalidRequestLine),
        (b"GET / HTTP/1.1\rHost: a\r\n\r\n", Fault::InvalidRequestLine),
        (b" GET / HTTP/1.1\r\n\r\n", Fault::InvalidRequestLine),
        (b"G(T / HTTP/1.1\r\n\r\n", Fault::InvalidRequestLine),
        (b"G\0T / HTTP/1.1\r\n\r\n", Fault::InvalidRequestLine),
        (b"\x16\x03\x01\x02\x00\x01\x00", Fault::InvalidRequestLine),
        (b"\rGET / HTTP/1.1\r\n\r\n", Fault::InvalidRequestLine),
        (b"GET  / HTTP/1.1\r\n\r\n", Fault::InvalidTarget),
        (b"GET / HTTP/1.2\r\n\r\n", Fault::UnknownVersion),
        (b"GET / HTTP/3\r\n\r\n", Fault::UnknownVersion),
        (b"GET / HTTP/0.9\r\n\r\n", Fault::InvalidRequestLine),
        (b"GET / HTTP/01.1\r\n\r\n", Fault::InvalidRequestLine),
        (b"GET / HTTP/1\r\n\r\n", Fault::InvalidRequestLine),
        (b"GET / HTTP/ 1.1\r\n\r\n", Fault::InvalidRequestLine),
        (b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", Fault::UnknownVersion),
    ]);
}

/// RFC 9112 §2.2.
#[test]
fn lines_end_in_cr_and_lf() {
    for bytes in [
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\n\n",
        "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX:\n\r\n",
    ] {
        assert_eq!(only(bytes.as_bytes()), Err(Fault::BareLineFeed), "{bytes:?}");
    }
    assert!(only(b"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").is_ok());
}

/// RFC 9112 §5.
#[test]
fn fields() {
    refused(&[
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", Fault::BlankBeforeColon),
        (b"GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", Fault::BlankBeforeColon),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", Fault::BlankBeforeColon),
        (b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", Fault::ObsoleteFolding),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n\r\n", Fault::ObsoleteFolding),
        (b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", Fault::InvalidFieldName),
        (b"GET / HTTP/1.1\r\n: a\r\n\r\n", Fault::InvalidFieldName),
        (b"GET / HTTP/1.1\r\nHost\r\n\r\n", Fault::InvalidFieldName),
        (b"GET / HTTP/1.1\r\nX(y): a\r\n\r\n", Fault::InvalidFieldName),
        (b"GET / HTTP/1.1\r\nX\0: a\r\n\r\n", Fault::InvalidFieldName),
        (b"GET / HTTP/1.1\r\n\xe9: a\r\n\r\n", Fault::InvalidFieldName),
        (b"GET / HTTP/1.1\r\nX: y\r\n\rZ: a\r\n\r\n", Fault::InvalidFieldName),
        (b"GET / HTTP/1.1\r\nX: a\rb\r\n\r\n", Fault::InvalidFieldValue),
        (b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n", Fault::InvalidFieldValue),
        (b"GET / HTTP/1.1\r\nX: \x0ba\r\n\r\n", Fault::InvalidFieldValue),
        (b"GET / HTTP/1.1\r\nX: a\x7f\r\n\r\n", Fault::InvalidFieldValue),
    ]);
    let odd = only(b"GET / HTTP/1.1\r\nHost: a\r\nX:\xff\xe9 \t\r\nX:\r\nx-Y_z: \"q\"\r\n\r\n").unwrap();
    let shown: Vec<_> = odd.fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let expected: [(&str, &[u8]); 4] = [("host", b"a"), ("x", b"\xff\xe9"), ("x", b""), ("x-y_z", b"\"q\"")];
    assert_eq!(shown, expected);
}

/// RFC 9112 §3.2, RFC 9110 §7.2.
#[test]
fn hosts() {
    refused(&[
        (b"GET / HTTP/1.1\r\n\r\n", Fault::MissingHost),
        (b"GET http://a/ HTTP/1.1\r\n\r\n", Fault::MissingHost),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", Fault::RepeatedHost),
        (b"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", Fault::InvalidHost),
        (b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", Fault::InvalidHost),
        (b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", Fault::InvalidHost),
        (b"GET / HTTP/1.1\r\nHost: a?b\r\n\r\n", Fault::InvalidHost),
        (b"GET / HTTP/1.0\r\nHost: a\\b\r\n\r\n", Fault::InvalidHost),
        (b"GET / HTTP/1.1\r\nHost: \xc3\xa9\r\n\r\n", Fault::InvalidHost),
    ]);
    for host in ["a", "a:80", "[::1]:80", "", "a_b.", "a%20b"] {
        assert!(only(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).is_ok(), "{host}");
    }
    assert!(only(b"GET / HTTP/1.0\r\n\r\n").is_ok());
}

/// RFC 9112 §6.
#[test]
fn framing() {
    let framed = |fields: &str, body: &str| {
        only(format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n{body}").as_bytes())
    };
    for (fields, fault) in [
        ("Content-Length: 2\r\nContent-Length: 2", Fault::RepeatedLength),
        ("Content-Length: 2\r\ncontent-length: 3", Fault::RepeatedLength),
        ("Content-Length: 2, 2", Fault::InvalidLength),
        ("Content-Length: 2,", Fault::InvalidLength),
        ("Content-Length:", Fault::InvalidLength),
        ("Content-Length: +2", Fault::InvalidLength),
        ("Content-Length: -2", Fault::InvalidLength),
        ("Content-Length: 0x2", Fault::InvalidLength),
        ("Content-Length: 2 2", Fault::InvalidLength),
        ("Content-Length: \u{662}", Fault::InvalidLength),
        ("Content-Length: 18446744073709551616", Fault::InvalidLength),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", Fault::RepeatedCoding),
        ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", Fault::RepeatedCoding),
        ("Transfer-Encoding: gzip, chunked", Fault::UnknownCoding),
        ("Transfer-Encoding: chunked, chunked", Fault::UnknownCoding),
        ("Transfer-Encoding: chunked;a", Fault::UnendedCoding),
        ("Transfer-Encoding: identity", Fault::UnendedCoding),
        ("Transfer-Encoding: xchunked", Fault::UnendedCoding),
        ("Transfer-Encoding: \u{a0}chunked", Fault::UnendedCoding),
        ("Transfer-Encoding:", Fault::UnendedCoding),
        ("Transfer-Encoding: chunked, gzip", Fault::UnendedCoding),
        ("Transfer-Encoding: chunked,", Fault::UnendedCoding),
        ("Transfer-Encoding: ,chunked", Fault::UnknownCoding),
        ("Content-Length: 5\r\nTransfer-Encoding: chunked", Fault::LengthAndCoding),
        ("Transfer-Encoding: chunked\r\nContent-Length: 0", Fault::LengthAndCoding),
        ("Expect: 200-ok", Fault::UnknownExpectation),
    ] {
        assert_eq!(framed(fields, "5\r\nhello\r\n0\r\n\r\n"), Err(fault), "{fields}");
    }
    let statuses = [Fault::UnknownCoding, Fault::UnendedCoding].map(|fault| fault.status().as_u16());
    assert_eq!(statuses, [501, 400], "RFC 9112 §6.1 and §6.3");
    let in_http10 = b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(only(in_http10), Err(Fault::CodingInHttp10));
    for (fields, body, expected) in [
        ("X: y", "", ""),
        ("Content-Length: 0", "", ""),
        ("Content-Length: 002", "ok", "ok"),
        ("Content-Length: \t2 ", "ok", "ok"),
        ("Transfer-Encoding: chunked", "2\r\nok\r\n0\r\n\r\n", "ok"),
        ("transfer-encoding: CHUNKED", "2\r\nok\r\n0\r\n\r\n", "ok"),
        ("Transfer_Encoding: chunked\r\nContent-Length: 2", "ok", "ok"),
        ("Expect: 100-Continue\r\nContent-Length: 2", "ok", "ok"),
    ] {
        assert_eq!(framed(fields, body).unwrap().body, expected.as_bytes(), "{fields}");
    }
}

#[test]
fn limits() {
    let limits = Limits { section: 256, fields: 4, target: 16, ..Limits::REQUESTS };
    let small = |bytes: String| match &requests([bytes.as_bytes()], limits)[..] {
        [Seen::Message(_), Seen::End] => Ok(()),
        [Seen::Fault(fault)] => Err(*fault),
        seen => panic!("{seen:?}"),
    };
    let target = |length: usize| format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(length - 1));
    assert_eq!(small(target(16)), Ok(()));
    assert_eq!(small(target(17)), Err(Fault::TargetTooLong));
    assert_eq!(small(target(1000)), Err(Fault::TargetTooLong));
    let fields = |count: usize| format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(count - 1));
    assert_eq!(small(fields(4)), Ok(()));
    assert_eq!(small(fields(5)), Err(Fault::TooManyFields));
    let section = |length: usize| {
        let filler = "x".repeat(length - "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n".len());
        format!("GET / HTTP/1.1\r\nHost: a\r\nX: {filler}\r\n\r\n")
    };
    assert_eq!(small(section(256)), Ok(()));
    assert_eq!(small(section(257)), Err(Fault::HeadTooLarge));
    assert_eq!(small(section(5000)), Err(Fault::HeadTooLarge));
}

/// Many fields take another way than few.
#[test]
fn as_many_fields_as_allowed() {
    let limits = Limits { fields: 5000, ..Limits::REQUESTS };
    for count in [1, 63, 64, 65, 100, 5000] {
        let fields: String = (1..count).map(|number| format!("X{number}: {number}\r\n")).collect();
        let bytes = format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        let seen = requests([bytes.as_bytes()], limits);
        let [Seen::Message(message), Seen::End] = &seen[..] else { panic!("{count}: {seen:?}") };
        assert_eq!(message.fields.len(), count);
        assert!(count == 1 || message.field("x1") == Some(b"1"));
        let one_more = Limits { fields: count - 1, ..limits };
        assert_eq!(requests([bytes.as_bytes()], one_more), [Seen::Fault(Fault::TooManyFields)], "{count}");
    }
}

/// RFC 9112 §3.2, RFC 9110 §7.1.
#[test]
fn targets() {
    for (target, expected) in [
        ("/", "/"),
        ("/a%2Fb//c?d?e", "/a%2Fb//c?d?e"),
        ("/p?", "/p?"),
        ("//a/b", "//a/b"),
        ("/?q={\"a\":1}", "/?q={%22a%22:1}"),
        ("/{\"a\":<1>}`", "/{\"a\":%3C1%3E}%60"),
        ("/a?b=`<\">|^", "/a?b=`%3C%22%3E|^"),
        ("/\u{e9}?\u{e9}", "/\u{e9}?\u{e9}"),
        ("http://a", "http://a/"),
        ("http://a:80/b?c", "http://a:80/b?c"),
        ("http://a/<?\"", "http://a/%3C?%22"),
        ("*", "*"),
    ] {
        let bytes = format!("OPTIONS {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        let message = only(bytes.as_bytes()).unwrap_or_else(|fault| panic!("{target}: {fault}"));
        assert_eq!(message.line, format!("OPTIONS {expected} HTTP/1.1"));
    }
    let connect = only(b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n").map(|message| message.line);
    assert_eq!(connect.as_deref(), Ok("CONNECT a:80 HTTP/1.1"));
    for (target, fault) in [
        ("/a#b", Fault::FragmentInTarget),
        ("/#", Fault::FragmentInTarget),
        ("http://a#/", Fault::FragmentInTarget),
        ("a/b", Fault::InvalidTarget),
        ("word", Fault::InvalidTarget),
        ("a:80", Fault::InvalidTarget),
        ("?a", Fault::InvalidTarget),
        ("http://<a>/", Fault::InvalidTarget),
        ("http:///a", Fault::InvalidTarget),
        ("/\0", Fault::InvalidTarget),
        ("/\t", Fault::InvalidTarget),
        ("/\x7f", Fault::InvalidTarget),
    ] {
        let bytes = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(only(bytes.as_bytes()), Err(fault), "{target:?}");
    }
    assert_eq!(only(b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n"), Err(Fault::InvalidTarget));
    let limits = Limits { target: usize::MAX, section: usize::MAX, ..Limits::REQUESTS };
    for (filler, length) in [("x", 65_535), ("<", 30_000)] {
        let bytes = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", filler.repeat(length));
        let seen = requests([bytes.as_bytes()], limits);
        assert_eq!(seen, [Seen::Fault(Fault::TargetTooLong)], "{length} x {filler}");
    }
}
