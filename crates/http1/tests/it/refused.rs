//! What is known of a request whose head is refused.

use bytes::BytesMut;
use http::{Method, Response, StatusCode};
use http1::{BodySize, Fault, HeaderCase, Limits, Phase, RefusedHead, ResponseHead, Server, Unsendable};

/// What is known of the first request, if its head is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Known {
    fault: Fault,
    /// Method, target and version; `-` for what isn't known.
    line: String,
    fields: usize,
}

impl Known {
    fn of(head: &RefusedHead) -> Self {
        let method = head.method.as_ref().map_or("-", Method::as_str);
        let target = head.target.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        let version = head.version.map_or_else(|| "-".to_owned(), |version| format!("{version:?}"));
        Self { fault: head.fault, line: format!("{method} {target} {version}"), fields: head.headers.len() }
    }
}

/// What is known of the first request in `pieces`, if its head is refused.
pub(crate) fn refused<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, limits: Limits) -> Option<Known> {
    let mut server = Server::new(limits);
    let mut buffer = BytesMut::new();
    for piece in pieces {
        buffer.extend_from_slice(piece);
        match server.read_head(&mut buffer) {
            Ok(Some(_)) => return None,
            Ok(None) => {}
            Err(head) => return Some(Known::of(&head)),
        }
    }
    let _no_body_yet = server.read_eof(&mut buffer);
    server.read_head(&mut buffer).err().map(|head| Known::of(&head))
}

const LIMITS: Limits = Limits { section: 256, fields: 4, target: 16, ..Limits::REQUESTS };

#[test]
fn as_much_is_known_as_could_be_read() {
    let long = "x".repeat(300);
    for (head, fault, line, fields) in [
        // The line can't be read.
        ("GET /a\r\n\r\n", Fault::InvalidRequestLine, "- - -", 0),
        ("GET /a b HTTP/1.1\r\n\r\n", Fault::InvalidRequestLine, "- - -", 0),
        ("GET /a HTTP/1.1 \r\n\r\n", Fault::InvalidRequestLine, "- - -", 0),
        ("GE(T /a HTTP/1.1\r\n\r\n", Fault::InvalidRequestLine, "- - -", 0),
        ("\r \r\n\r\n", Fault::InvalidRequestLine, "- - -", 0),
        ("\nGET /a HTTP/1.1\r\n\r\n", Fault::BareLineFeed, "- - -", 0),
        // A part of it can.
        ("GET /a\0 HTTP/1.1\r\n\r\n", Fault::InvalidTarget, "GET - -", 0),
        ("GET a/b HTTP/1.1\r\n\r\n", Fault::InvalidTarget, "GET - HTTP/1.1", 0),
        ("GET /a#b HTTP/1.0\r\n\r\n", Fault::FragmentInTarget, "GET - HTTP/1.0", 0),
        ("GET /a HTTP/2.0\r\n\r\n", Fault::UnknownVersion, "GET /a -", 0),
        // The line can be read, but not the fields.
        ("GET /a HTTP/1.1\nHost: a\n\n", Fault::BareLineFeed, "GET /a HTTP/1.1", 0),
        ("GET /a?b HTTP/1.0\r\nHost: a\r\nX: y\n\r\n", Fault::BareLineFeed, "GET /a?b HTTP/1.0", 0),
        ("PUT /a HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", Fault::BlankBeforeColon, "PUT /a HTTP/1.1", 0),
        ("GET /a HTTP/1.1\r\nHost: a\r\n y\r\n\r\n", Fault::ObsoleteFolding, "GET /a HTTP/1.1", 0),
        ("GET /a HTTP/1.1\r\nHost: \0\r\n\r\n", Fault::InvalidFieldValue, "GET /a HTTP/1.1", 0),
        ("GET /a HTTP/1.1\r\nHost\r\n\r\n", Fault::InvalidFieldName, "GET /a HTTP/1.1", 0),
        // All of it can be read.
        ("GET /a HTTP/1.1\r\nX: y\r\n\r\n", Fault::MissingHost, "GET /a HTTP/1.1", 1),
        ("GET /a HTTP/1.1\r\nHost: a\r\nX: y\r\nHost: a\r\n\r\n", Fault::RepeatedHost, "GET /a HTTP/1.1", 3),
        ("GET /a HTTP/1.0\r\nHost: a/b\r\nX: y\r\n\r\n", Fault::InvalidHost, "GET /a HTTP/1.0", 2),
        ("GET /a HTTP/1.1\r\nExpect: b\r\nHost: a\r\n\r\n", Fault::UnknownExpectation, "GET /a HTTP/1.1", 2),
        ("CONNECT a:1 HTTP/1.1\r\n\r\n", Fault::MissingHost, "CONNECT a:1 HTTP/1.1", 0),
        (
            "POST /a HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\nHost: a\r\n\r\nx",
            Fault::RepeatedLength,
            "POST /a HTTP/1.1",
            3,
        ),
        (
            "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            Fault::LengthAndCoding,
            "POST /a HTTP/1.1",
            3,
        ),
        // It is over a limit.
        (
            "GET /a HTTP/1.1\r\nHost: a\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\n\r\n",
            Fault::TooManyFields,
            "GET /a HTTP/1.1",
            0,
        ),
        (&format!("GET /a HTTP/1.1\r\nHost: a\r\nX: {long}"), Fault::HeadTooLarge, "GET /a HTTP/1.1", 0),
        (&format!("GET{long}"), Fault::InvalidRequestLine, "- - -", 0),
        (&format!("GET /{long}"), Fault::TargetTooLong, "GET - -", 0),
        (
            "GET /0123456789abcdef HTTP/1.1\r\nHost: a\r\n\r\n",
            Fault::TargetTooLong,
            "GET /0123456789abcdef HTTP/1.1",
            0,
        ),
        // It was cut off.
        ("GET /a HTTP/1.1\r\nHost: a\r\n", Fault::CutHead, "GET /a HTTP/1.1", 0),
        ("GET /a", Fault::CutHead, "GET - -", 0),
        ("GE", Fault::CutHead, "- - -", 0),
    ] {
        let known = Known { fault, line: line.to_owned(), fields };
        assert_eq!(refused([head.as_bytes()], LIMITS), Some(known), "{head:?}");
    }
}

#[test]
fn a_target_is_known_up_to_the_length_of_a_uri() {
    let limits = Limits { section: 1 << 20, ..LIMITS };
    for (length, is_known) in [(60_000, true), (70_000, false)] {
        let target = format!("/{}", "x".repeat(length));
        let head = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        let known = refused([head.as_bytes()], limits).unwrap();
        assert_eq!(known.fault, Fault::TargetTooLong);
        assert_eq!(known.line.contains(&target), is_known, "{length}");
    }
}

/// A HEAD is answered without a body (RFC 9110 §9.3.2), and HTTP/1.0 has no chunks. No request that was refused becomes
/// a tunnel.
#[test]
fn the_answer_fits_what_is_known() {
    let ended = Ok(Phase::Ended);
    let body_follows = Ok(Phase::Exchange);
    for (line, status, phase, is_chunked) in [
        ("GET / HTTP/1.1", 400, body_follows, true),
        ("GET / HTTP/1.0", 400, body_follows, false),
        ("HEAD / HTTP/1.1", 400, ended, false),
        ("CONNECT a:1 HTTP/1.1", 200, body_follows, true),
        ("GET / HTTP/1.1", 101, Err(Unsendable::InvalidStatus), false),
    ] {
        let head = format!("{line}\r\nHost: a\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
        let mut server = Server::new(Limits::REQUESTS);
        assert_eq!(server.read_head(&mut BytesMut::from(&*head)).unwrap_err().fault, Fault::RepeatedHost);
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        let (mut out, head) = (Vec::new(), ResponseHead::from(&response));
        let sent = server.send_head(head, BodySize::Unknown, None, HeaderCase::Lower, &mut out);
        assert_eq!(sent.map(|()| server.phase()), phase, "{line} {status}");
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out.contains("chunked"), is_chunked, "{out}");
        assert_eq!(out.contains("connection: close"), phase.is_ok(), "{out}");
    }
}
