use bytes::BytesMut;
use http::Request;

use super::*;
use crate::{BodySize, FaultKind, Piece, ReasonPhrase, RequestHead, Unsendable};

fn sent(request: Request<()>, body: BodySize) -> (Client, String) {
    let (mut client, mut out) = (Client::new(Limits::RESPONSES), Vec::new());
    client.send_head(RequestHead::from(&request), body, HeaderCase::Lower, &mut out).unwrap();
    (client, String::from_utf8(out).unwrap())
}

fn asked(method: &str) -> Client {
    let request = Request::builder().method(method).uri("/").header("host", "a");
    sent(request.body(()).unwrap(), BodySize::None).0
}

fn asked_to_switch() -> Client {
    let request = Request::get("/").header("connection", "Upgrade").header("upgrade", "websocket");
    sent(request.body(()).unwrap(), BodySize::None).0
}

/// What can be read of a response: its status, its content, and how it ends.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    Whole(u16, String, BytesLeft),
    Switched(BytesLeft),
    Waiting,
    Fault(Fault),
}
use Read::{Switched, Waiting, Whole};

#[derive(Debug, PartialEq, Eq)]
enum BytesLeft {
    Reusable,
    Not(usize),
}
use BytesLeft::{Not, Reusable};

fn read(mut client: Client, bytes: &str, is_end: IsEnd) -> Read {
    let mut buffer = BytesMut::from(bytes);
    let mut status = 0;
    let mut content = Vec::new();
    let mut has_ended = false;
    loop {
        let progress = if status == 0 {
            client.read_head(&mut buffer).map(|answer| match answer {
                Some(Answer::Interim(_)) => true,
                Some(Answer::Final(parts)) => {
                    status = parts.status.as_u16();
                    true
                }
                Some(Answer::Switched(_)) => {
                    status = 1;
                    true
                }
                None => false,
            })
        } else {
            client.read_body(&mut buffer).map(|piece| match piece {
                Some(Piece::Data(data)) => {
                    content.extend_from_slice(&data);
                    true
                }
                Some(Piece::Trailers(_)) => true,
                Some(Piece::End) | None => false,
            })
        };
        let left = if client.is_reusable(&buffer) { Reusable } else { Not(buffer.len()) };
        match progress {
            Err(fault) => return Read::Fault(fault),
            _ if status == 1 => return Switched(left),
            Ok(false) if client.is_received() => {
                return Whole(status, String::from_utf8(content).unwrap(), left);
            }
            Ok(true) => {}
            Ok(false) if is_end == IsEnd::No || has_ended => return Waiting,
            Ok(false) => match client.read_eof(&mut buffer) {
                Ok(()) => has_ended = true,
                Err(fault) => return Read::Fault(fault),
            },
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum IsEnd {
    Yes,
    No,
}

#[test]
fn responses() {
    let whole = |status, content: &str, left| Whole(status, content.to_owned(), left);
    for (method, response, expected) in [
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", whole(200, "ok", Reusable)),
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", whole(200, "", Reusable)),
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok!", whole(200, "ok", Not(1))),
        (
            "GET",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            whole(200, "ok", Reusable),
        ),
        (
            "GET",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\nA: b\r\n\r\n",
            whole(200, "ok", Reusable),
        ),
        ("GET", "HTTP/1.1 200 OK\r\n\r\nok", whole(200, "ok", Not(0))),
        ("GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", whole(200, "ok", Not(0))),
        (
            "GET",
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
            whole(200, "ok", Not(0)),
        ),
        (
            "GET",
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
            whole(200, "ok", Not(0)),
        ),
        (
            "GET",
            "HTTP/1.1 200 OK\r\nConnection: x\r\nConnection: y, CLOSE\r\nContent-Length: 2\r\n\r\nok",
            whole(200, "ok", Not(0)),
        ),
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", whole(200, "", Reusable)),
        ("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", whole(200, "", Reusable)),
        ("HEAD", "HTTP/1.1 200 OK\r\n\r\n", whole(200, "", Reusable)),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n", whole(204, "", Reusable)),
        ("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", whole(204, "", Not(5))),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", whole(304, "", Reusable)),
        ("GET", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", whole(205, "", Reusable)),
        (
            "GET",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
            whole(204, "", Reusable),
        ),
        ("CONNECT", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nxyz", Switched(Not(3))),
        ("CONNECT", "HTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\nno", whole(400, "no", Not(0))),
    ] {
        let request = match method {
            "CONNECT" => sent(Request::connect("a:80").body(()).unwrap(), BodySize::None).0,
            _ => asked(method),
        };
        assert_eq!(read(request, response, IsEnd::Yes), expected, "{method} {response:?}");
    }
}

#[test]
fn endings() {
    for (response, expected) in [
        ("", Fault::ClosedBeforeHead),
        ("H", Fault::CutHead),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", Fault::CutHead),
        ("HTTP/1.1 100 Continue\r\n\r\n", Fault::CutHead),
        ("<html>", Fault::InvalidStatusLine),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", Fault::CutBody),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", Fault::CutBody),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nA: b\r\n", Fault::CutBody),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA b", Fault::BlankBeforeColon),
    ] {
        assert_eq!(read(asked("GET"), response, IsEnd::Yes), Read::Fault(expected), "{response:?}");
        let is_of_ending = expected.kind() == FaultKind::Closed;
        assert!(!is_of_ending || read(asked("GET"), response, IsEnd::No) == Waiting, "{response:?}");
    }
}

#[test]
fn switches_are_asked_for() {
    let switch = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nbytes";
    assert_eq!(read(asked_to_switch(), switch, IsEnd::No), Switched(Not(5)));
    assert_eq!(read(asked("GET"), switch, IsEnd::No), Read::Fault(Fault::UnaskedSwitch));
    // Whether a connection is used again after a refusal is the caller's to decide: a handshake goes on on it.
    let refusal = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    assert_eq!(read(asked_to_switch(), refusal, IsEnd::No), Whole(200, "ok".to_owned(), Reusable));
}

#[test]
fn interim_responses_are_bounded() {
    let interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
    let answer = "HTTP/1.1 204 No Content\r\n\r\n";
    let at_most = Limits::RESPONSES.interim;
    let expected = Whole(204, String::new(), Reusable);
    assert_eq!(read(asked("GET"), &(interim.repeat(at_most) + answer), IsEnd::No), expected);
    let read = read(asked("GET"), &interim.repeat(at_most + 1), IsEnd::No);
    assert_eq!(read, Read::Fault(Fault::TooManyInterim));
}

#[test]
fn bytes_that_nobody_asked_for() {
    let mut client = Client::new(Limits::RESPONSES);
    assert!(client.is_reusable(&BytesMut::new()));
    let mut buffer = BytesMut::from("HTTP/1.1 408 Request Timeout\r\n\r\n");
    assert!(!client.is_reusable(&buffer));
    assert_eq!(client.read_head(&mut buffer).unwrap_err(), Fault::UnaskedResponse);
    assert!(!client.is_reusable(&BytesMut::new()));
}

#[test]
fn an_early_answer_leaves_the_connection_to_its_request() {
    let request = Request::post("/").body(()).unwrap();
    let (mut client, _) = sent(request, BodySize::Exactly(4));
    let mut buffer = BytesMut::from("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    assert!(matches!(client.read_head(&mut buffer), Ok(Some(Answer::Final(_)))));
    assert!(client.is_received() && !client.is_sent() && !client.is_reusable(&buffer));
    let mut out = Vec::new();
    let again = Request::get("/").body(()).unwrap();
    let refused = client.send_head(RequestHead::from(&again), BodySize::None, HeaderCase::Lower, &mut out);
    assert_eq!(refused, Err(Unsendable::HeadOutOfTurn));
    assert_eq!(client.send_data(4, &mut out), Ok(&[][..]));
    assert!(client.is_sent() && client.is_reusable(&buffer) && out.is_empty());
}

#[test]
fn the_last_request_says_so() {
    let (mut client, mut out) = (Client::new(Limits::RESPONSES), Vec::new());
    client.close_after();
    let request = Request::get("/").body(()).unwrap();
    client.send_head(RequestHead::from(&request), BodySize::None, HeaderCase::Title, &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    let answer = "HTTP/1.1 204 No Content\r\n\r\n";
    assert_eq!(read(client, answer, IsEnd::No), Whole(204, String::new(), Not(0)));
}

#[test]
fn reason_phrases_are_kept_where_they_say_something() {
    for (line, expected) in [
        ("HTTP/1.1 200 OK", None),
        ("HTTP/1.1 200 Fine", Some(&b"Fine"[..])),
        ("HTTP/1.1 200 ", Some(b"")),
        ("HTTP/1.1 200", Some(b"")),
        ("HTTP/1.1 200 Tr\u{e8}s bien", Some("Tr\u{e8}s bien".as_bytes())),
        ("HTTP/1.1 299 ", Some(b"")),
    ] {
        let mut buffer = BytesMut::from(format!("{line}\r\nContent-Length: 0\r\n\r\n").as_bytes());
        let Ok(Some(Answer::Final(parts))) = asked("GET").read_head(&mut buffer) else { panic!("{line}") };
        let phrase = parts.extensions.get::<ReasonPhrase>().map(ReasonPhrase::as_bytes);
        assert_eq!(phrase, expected, "{line}");
    }
}

#[test]
fn a_connection_is_small() {
    assert!(size_of::<Client>() <= 256, "{}", size_of::<Client>());
}
