//! What is written.

use bytes::BytesMut;
use http::{HeaderName, HeaderValue, Request, Response};
use http1::{
    BodySize, Client, HeaderCase, HttpDate, Limits, ReasonPhrase, RequestHead, ResponseHead, Server,
    Unsendable,
};

fn request(request: &Request<()>, body: BodySize, case: HeaderCase) -> Result<String, Unsendable> {
    let mut out = Vec::new();
    Client::new(Limits::RESPONSES).send_head(RequestHead::from(request), body, case, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn targets() {
    for (method, uri, line) in [
        ("GET", "/a%2Fb//c?d", "GET /a%2Fb//c?d HTTP/1.1\r\n\r\n"),
        ("GET", "http://a/b?c", "GET /b?c HTTP/1.1\r\n\r\n"),
        ("GET", "http://a", "GET / HTTP/1.1\r\n\r\n"),
        ("GET", "http://a?b", "GET /?b HTTP/1.1\r\n\r\n"),
        ("OPTIONS", "*", "OPTIONS * HTTP/1.1\r\n\r\n"),
        ("CONNECT", "a:80", "CONNECT a:80 HTTP/1.1\r\n\r\n"),
    ] {
        let sent = Request::builder().method(method).uri(uri).body(()).unwrap();
        assert_eq!(request(&sent, BodySize::None, HeaderCase::Lower).as_deref(), Ok(line), "{method} {uri}");
    }
    for (method, uri) in [("GET", "a:80"), ("CONNECT", "/a")] {
        let sent = Request::builder().method(method).uri(uri).body(()).unwrap();
        let refused = request(&sent, BodySize::None, HeaderCase::Lower);
        assert_eq!(refused, Err(Unsendable::InvalidTarget), "{method} {uri}");
    }
}

/// RFC 9110 §8.6, RFC 9112 §6.
#[test]
fn framing_of_requests() {
    let none = BodySize::None;
    for (method, field, body, framing) in [
        ("GET", None, none, ""),
        ("GET", Some(("content-length", "0")), none, "content-length: 0\r\n"),
        ("POST", None, none, "content-length: 0\r\n"),
        ("PUT", None, none, "content-length: 0\r\n"),
        ("PATCH", None, none, "content-length: 0\r\n"),
        ("DELETE", None, none, ""),
        ("GET", None, BodySize::Unknown, "transfer-encoding: chunked\r\n"),
        ("DELETE", None, BodySize::Exactly(3), "content-length: 3\r\n"),
        ("POST", Some(("content-length", "9")), BodySize::Exactly(3), "content-length: 3\r\n"),
        ("POST", Some(("content-length", "9")), BodySize::Unknown, "transfer-encoding: chunked\r\n"),
        ("POST", Some(("transfer-encoding", "gzip")), BodySize::Exactly(3), "content-length: 3\r\n"),
        (
            "POST",
            Some(("trailer", "x")),
            BodySize::Exactly(3),
            "trailer: x\r\ntransfer-encoding: chunked\r\n",
        ),
    ] {
        let mut sent = Request::builder().method(method).uri("/");
        if let Some((name, value)) = field {
            sent = sent.header(name, value);
        }
        let written = request(&sent.body(()).unwrap(), body, HeaderCase::Lower).unwrap();
        assert_eq!(written, format!("{method} / HTTP/1.1\r\n{framing}\r\n"), "{field:?} {body:?}");
    }
}

fn response(asked: &str, response: &Response<()>, body: BodySize) -> String {
    let mut server = Server::new(Limits::REQUESTS);
    server.read_head(&mut BytesMut::from(asked)).unwrap().unwrap();
    let mut out = Vec::new();
    let head = ResponseHead::from(response);
    server.send_head(head, body, None, HeaderCase::Lower, &mut out).unwrap();
    String::from_utf8_lossy(&out).into_owned()
}

/// RFC 9110 §8.6, RFC 9112 §6.
#[test]
fn framing_of_responses() {
    let (get, head) = ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    let old = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    let connect = "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n";
    let (kept, closes) = ("connection: keep-alive\r\n", "connection: close\r\n");
    let none = BodySize::None;
    let length = |value: &'static str| Some(("content-length", value));
    for (asked, status, field, body, framing) in [
        (get, 200, None, none, "content-length: 0\r\n"),
        (get, 200, length("7"), none, "content-length: 0\r\n"),
        (get, 200, length("6"), BodySize::Exactly(5), "content-length: 5\r\n"),
        (get, 200, length("6"), BodySize::Unknown, "transfer-encoding: chunked\r\n"),
        (get, 200, Some(("transfer-encoding", "gzip")), BodySize::Exactly(5), "content-length: 5\r\n"),
        (
            get,
            200,
            Some(("trailer", "x")),
            BodySize::Exactly(5),
            "trailer: x\r\ntransfer-encoding: chunked\r\n",
        ),
        (get, 205, None, none, "content-length: 0\r\n"),
        (get, 204, length("5"), none, ""),
        (head, 204, length("5"), none, ""),
        (get, 304, length("5"), none, "content-length: 5\r\n"),
        (get, 304, None, none, ""),
        (head, 200, length("5"), none, "content-length: 5\r\n"),
        (head, 200, None, none, ""),
        (head, 200, None, BodySize::Exactly(5), "content-length: 5\r\n"),
        (head, 200, None, BodySize::Unknown, ""),
        (connect, 200, length("5"), none, ""),
        (old, 200, None, BodySize::Exactly(5), &("content-length: 5\r\n".to_owned() + kept)),
        (old, 200, None, BodySize::Unknown, closes),
        (
            old,
            200,
            Some(("trailer", "x")),
            BodySize::Exactly(5),
            &("trailer: x\r\ncontent-length: 5\r\n".to_owned() + kept),
        ),
    ] {
        let mut sent = Response::builder().status(status);
        if let Some((name, value)) = field {
            sent = sent.header(name, value);
        }
        let sent = sent.body(()).unwrap();
        let written = response(asked, &sent, body);
        let version = if asked == old { "1.0" } else { "1.1" };
        let line = format!("HTTP/{version} {} {}", status, sent.status().canonical_reason().unwrap());
        assert_eq!(written, format!("{line}\r\n{framing}\r\n"), "{asked} {field:?} {body:?}");
    }
}

#[test]
fn reason_phrases() {
    let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let phrase = |text: &'static [u8]| ReasonPhrase::new(text).unwrap();
    for (status, reason, line) in [
        (200, None, "HTTP/1.1 200 OK"),
        (200, Some(phrase(b"Fine")), "HTTP/1.1 200 Fine"),
        (200, Some(phrase(b"")), "HTTP/1.1 200 "),
        (299, None, "HTTP/1.1 299 "),
        (404, Some(phrase("Tr\u{e8}s loin".as_bytes())), "HTTP/1.1 404 Tr\u{e8}s loin"),
    ] {
        let mut sent = Response::builder().status(status).body(()).unwrap();
        if let Some(reason) = reason {
            sent.extensions_mut().insert(reason);
        }
        assert_eq!(response(get, &sent, BodySize::None), format!("{line}\r\ncontent-length: 0\r\n\r\n"));
    }
    for text in ["a\r\nX: y", "a\0", "\x7f"] {
        assert_eq!(ReasonPhrase::new(text), None, "{text:?}");
    }
}

#[test]
fn names_in_title_case() {
    let mut sent = Request::post("/").body(()).unwrap();
    for name in ["host", "x-forwarded-for", "te", "x--y", "1a-b_c"] {
        sent.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static("Kept-as-is"));
    }
    let written = request(&sent, BodySize::Exactly(1), HeaderCase::Title).unwrap();
    let names: Vec<_> = written.lines().skip(1).filter_map(|line| line.split_once(": ")).collect();
    let expected = ["Host", "X-Forwarded-For", "Te", "X--Y", "1a-B_c"].map(|name| (name, "Kept-as-is"));
    assert_eq!(names, [&expected[..], &[("Content-Length", "1")]].concat());
}

#[test]
fn bodies_are_as_long_as_they_say() {
    let begun = |size| {
        let mut client = Client::new(Limits::RESPONSES);
        let post = Request::post("/").body(()).unwrap();
        client.send_head(RequestHead::from(&post), size, HeaderCase::Lower, &mut Vec::new()).unwrap();
        client
    };
    let out = &mut Vec::new();
    assert_eq!(begun(BodySize::None).send_data(1, out), Err(Unsendable::BodyTooLong));
    assert_eq!(begun(BodySize::Exactly(2)).send_data(3, out), Err(Unsendable::BodyTooLong));
    assert_eq!(begun(BodySize::Exactly(2)).send_last_data(1, out), Err(Unsendable::BodyTooShort));
    assert_eq!(begun(BodySize::Exactly(2)).send_last_data(3, out), Err(Unsendable::BodyTooLong));
    assert_eq!(begun(BodySize::Exactly(2)).send_end(out), Err(Unsendable::BodyTooShort));
    let mut whole = begun(BodySize::Exactly(2));
    assert_eq!((whole.send_data(0, out), whole.is_sent()), (Ok(&[][..]), false));
    assert_eq!((whole.send_last_data(2, out), whole.is_sent()), (Ok(&[][..]), true));
    assert_eq!(whole.send_data(1, out), Err(Unsendable::BodyTooLong));
    assert!(out.is_empty());

    let mut chunked = begun(BodySize::Unknown);
    assert_eq!(chunked.send_data(0, out), Ok(&[][..]), "an empty chunk would end the body");
    assert_eq!((chunked.send_data(255, out), &out[..]), (Ok(&b"\r\n"[..]), &b"ff\r\n"[..]));
    out.clear();
    assert_eq!(chunked.send_last_data(usize::MAX, out), Ok(&b"\r\n0\r\n\r\n"[..]));
    assert_eq!(out, b"ffffffffffffffff\r\n");
    assert!(chunked.is_sent());
    out.clear();
    let mut chunked = begun(BodySize::Unknown);
    assert_eq!((chunked.send_last_data(0, out), &out[..]), (Ok(&[][..]), &b"0\r\n\r\n"[..]));
}

#[test]
fn dates() {
    let mut date = HttpDate::default();
    for (second, text) in [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        (u64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ] {
        assert_eq!(std::str::from_utf8(date.at(second)), Ok(text));
    }
    let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut server = Server::new(Limits::REQUESTS);
    server.read_head(&mut BytesMut::from(get)).unwrap();
    let (sent, mut out) = (Response::new(()), Vec::new());
    let head = ResponseHead::from(&sent);
    server.send_head(head, BodySize::None, Some(date.at(0)), HeaderCase::Lower, &mut out).unwrap();
    let expected = "HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
    let mut own = Response::new(());
    own.headers_mut().insert("date", HeaderValue::from_static("own"));
    assert!(response(get, &own, BodySize::None).contains("date: own\r\n"));
}
