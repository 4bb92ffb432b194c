//! A server's connection from request to request.

use http::{HeaderMap, StatusCode};
use http1::{BodySize, Fault, HeaderCase, Limits, Phase, Piece, Server, Unsendable};

use crate::connection::Connection;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn whether_the_connection_goes_on() {
    for (head, fields, goes_on) in [
        ("GET / HTTP/1.1", "", true),
        ("GET / HTTP/1.1", "Connection: keep-alive\r\n", true),
        ("GET / HTTP/1.1", "Connection: close\r\n", false),
        ("GET / HTTP/1.1", "Connection: keep-alive, Close\r\n", false),
        ("GET / HTTP/1.1", "Connection: x\r\nConnection: close\r\n", false),
        ("GET / HTTP/1.1", "Connection: closed\r\n", true),
        ("GET / HTTP/1.0", "", false),
        ("GET / HTTP/1.0", "Connection: Keep-Alive\r\n", true),
        ("GET / HTTP/1.0", "Connection: keep-alive, close\r\n", false),
    ] {
        let mut connection = Connection::received(&format!("{head}\r\nHost: a\r\n{fields}\r\n"));
        let answer = connection.answer(200, BodySize::None).unwrap();
        let is_http10 = head.ends_with("1.0");
        let said = match (goes_on, is_http10) {
            (true, true) => "connection: keep-alive\r\n",
            (true, false) => "",
            (false, _) => "connection: close\r\n",
        };
        let version = if is_http10 { "HTTP/1.0" } else { "HTTP/1.1" };
        assert_eq!(answer, format!("{version} 200 OK\r\ncontent-length: 0\r\n{said}\r\n"), "{fields}");
        let phase = if goes_on { Phase::Idle } else { Phase::Ended };
        assert_eq!(connection.server.phase(), phase, "{head} {fields}");
    }
}

#[test]
fn requests_that_come_before_their_turn_wait() {
    let mut connection = Connection::received(GET);
    connection.receive("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(connection.server.read_head(&mut connection.buffer).unwrap().is_none());
    let room = connection.server.room(&connection.buffer);
    assert_eq!(room, Limits::REQUESTS.pipelined - connection.buffer.len());
    connection.answer(200, BodySize::None).unwrap();
    let next = connection.server.read_head(&mut connection.buffer).unwrap().unwrap();
    assert_eq!(next.uri, "/2");
}

#[test]
fn a_body_that_is_not_read_holds_the_next_request_up() {
    let mut connection = Connection::received("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n");
    connection.receive("ab");
    connection.answer(200, BodySize::None).unwrap();
    assert_eq!(connection.server.phase(), Phase::Unread);
    assert!(connection.server.read_head(&mut connection.buffer).unwrap().is_none());
    assert_eq!(connection.read_body(), Ok(Some(Piece::Data("ab".into()))));
    connection.receive("cd");
    assert_eq!(connection.read_body(), Ok(Some(Piece::Data("cd".into()))));
    assert_eq!(connection.server.phase(), Phase::Idle);
}

#[test]
fn an_early_answer_may_be_the_last() {
    let mut connection = Connection::received("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n");
    connection.server.close_after();
    assert!(connection.answer(413, BodySize::None).unwrap().contains("connection: close"));
    assert_eq!(connection.server.phase(), Phase::Ended);
}

#[test]
fn continue_is_said_once_and_only_when_it_is_waited_for() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    let mut connection = Connection::received(head);
    assert!(connection.server.awaits_continue(&connection.buffer));
    let none = HeaderMap::new();
    let Connection { server, buffer, out } = &mut connection;
    server.send_interim(StatusCode::CONTINUE, &none, HeaderCase::Lower, out).unwrap();
    assert_eq!(out, b"HTTP/1.1 100 Continue\r\n\r\n");
    assert!(!server.awaits_continue(buffer));
    connection.receive("ok");
    connection.read_body().unwrap();
    assert!(!connection.answer(200, BodySize::None).unwrap().contains("close"));

    // The client didn't wait.
    assert!(!Connection::received(&format!("{head}ok")).server.awaits_continue(&"ok".as_bytes().into()));
    for head in [
        "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
    ] {
        let connection = Connection::received(head);
        assert!(!connection.server.awaits_continue(&connection.buffer), "{head}");
    }
}

/// Whether the body comes isn't known then (RFC 9110 §10.1.1).
#[test]
fn a_final_answer_instead_of_continue_ends_the_connection() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    let mut connection = Connection::received(head);
    assert!(connection.answer(417, BodySize::None).unwrap().contains("connection: close"));
    assert_eq!(connection.server.phase(), Phase::Ended);
}

#[test]
fn interim_responses() {
    let mut hints = HeaderMap::new();
    hints.insert("link", "</a>".parse().unwrap());
    for (head, sent) in
        [(GET, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), ("GET / HTTP/1.0\r\n\r\n", "")]
    {
        let Connection { mut server, mut out, .. } = Connection::received(head);
        server.send_interim(StatusCode::EARLY_HINTS, &hints, HeaderCase::Title, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), sent);
        for status in [StatusCode::OK, StatusCode::SWITCHING_PROTOCOLS] {
            let refused = server.send_interim(status, &hints, HeaderCase::Lower, &mut Vec::new());
            assert!(refused == Err(Unsendable::InvalidStatus) || sent.is_empty());
        }
    }
    let mut idle = Connection::new();
    let refused = idle.server.send_interim(StatusCode::PROCESSING, &hints, HeaderCase::Lower, &mut idle.out);
    assert_eq!(refused, Err(Unsendable::HeadOutOfTurn));
    assert_eq!(Connection::received(GET).answer(103, BodySize::None), Err(Unsendable::InvalidStatus));
}

#[test]
fn switching() {
    let upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    let mut connection = Connection::received(upgrade);
    connection.receive("bytes");
    let answer = connection.answer(101, BodySize::None).unwrap();
    assert_eq!(answer, "HTTP/1.1 101 Switching Protocols\r\n\r\n");
    assert_eq!((connection.server.phase(), &connection.buffer[..]), (Phase::Switched, &b"bytes"[..]));

    assert_eq!(connection.server.room(&connection.buffer), 0, "they aren't HTTP");

    // What is left of a body comes first.
    let with_body = upgrade.replace("Host: a", "Host: a\r\nContent-Length: 4");
    let mut connection = Connection::received(&with_body);
    connection.receive("ab");
    connection.answer(101, BodySize::None).unwrap();
    assert_eq!(connection.read_body(), Ok(Some(Piece::Data("ab".into()))));
    assert_eq!(connection.server.room(&connection.buffer), usize::MAX);
    connection.receive("cdbytes");
    assert_eq!(connection.read_body(), Ok(Some(Piece::Data("cd".into()))));
    assert!(connection.server.is_received());
    assert_eq!((connection.server.phase(), &connection.buffer[..]), (Phase::Switched, &b"bytes"[..]));

    // Refused, it goes on in HTTP.
    let mut connection = Connection::received(upgrade);
    assert!(!connection.answer(200, BodySize::None).unwrap().contains("close"));
    assert_eq!(connection.server.phase(), Phase::Idle);

    for unasked in [
        GET,
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    ] {
        assert_eq!(Connection::received(unasked).answer(101, BodySize::None), Err(Unsendable::InvalidStatus));
    }

    let connect = "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n";
    let mut connection = Connection::received(connect);
    assert_eq!(connection.answer(200, BodySize::None).unwrap(), "HTTP/1.1 200 OK\r\n\r\n");
    assert_eq!(connection.server.phase(), Phase::Switched);
    let mut connection = Connection::received(connect);
    assert!(connection.answer(405, BodySize::None).unwrap().contains("connection: close"));
}

/// A body may follow the 101 (RFC 9110 §7.8). What comes behind it belongs to the other protocol.
#[test]
fn a_body_is_read_to_its_end_though_the_protocol_was_switched() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\nContent-Length: 4\r\n\r\n";
    let mut connection = Connection::received(head);
    assert!(connection.server.may_switch());
    connection.answer(101, BodySize::None).unwrap();
    assert!(connection.server.room(&connection.buffer) > 0);
    connection.receive("bodyother");
    let piece = connection.server.read_body(&mut connection.buffer);
    assert_eq!(piece, Ok(Some(Piece::Data("body".into()))));
    assert_eq!((connection.server.room(&connection.buffer), &connection.buffer[..]), (0, &b"other"[..]));
}

/// RFC 9110 §6.5.1.
#[test]
fn trailers_are_for_clients_that_read_them() {
    for (fields, reads_them) in [
        ("TE: trailers\r\n", true),
        ("TE: gzip, Trailers\r\n", true),
        ("TE: gzip\r\nTE: trailers\r\n", true),
        ("TE: gzip\r\n", false),
        ("Trailer: x\r\n", false),
        ("", false),
    ] {
        let mut connection = Connection::received(&format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n"));
        connection.answer(200, BodySize::Unknown).unwrap();
        let trailers = HeaderMap::from_iter([("x".parse().unwrap(), "y".parse().unwrap())]);
        connection.out.clear();
        connection.server.send_trailers(&trailers, &mut connection.out).unwrap();
        let expected: &[u8] = if reads_them { b"0\r\nx: y\r\n\r\n" } else { b"0\r\n\r\n" };
        assert_eq!(connection.out, expected, "{fields:?}");
        assert_eq!(connection.server.phase(), Phase::Idle);
    }
}

/// RFC 9112 §2.2 has them skipped. They count against the size of the head, so that they don't come for ever.
#[test]
fn empty_lines_before_a_request_have_an_end() {
    let section = Limits::REQUESTS.section;
    for (size, is_read) in [(2, true), (section - 2, true), (section + 2, false)] {
        let mut connection = Connection::new();
        for _ in 0..size / 2 {
            connection.receive("\r\n");
            if connection.server.read_head(&mut connection.buffer).is_err() {
                break;
            }
        }
        connection.receive(GET);
        let head = connection.server.read_head(&mut connection.buffer);
        assert_eq!(head.is_ok_and(|head| head.is_some()), is_read, "{size}");
    }
}

#[test]
fn a_fault_is_answered_once_and_ends_the_connection() {
    let mut connection = Connection::new();
    connection.receive("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n");
    let fault = connection.server.read_head(&mut connection.buffer).unwrap_err().fault;
    assert_eq!((fault, fault.status().as_u16()), (Fault::InvalidLength, 400));
    assert_eq!((connection.server.phase(), connection.server.room(&connection.buffer)), (Phase::Exchange, 0));
    assert!(connection.answer(400, BodySize::None).unwrap().contains("connection: close"));
    assert_eq!(connection.server.phase(), Phase::Ended);
    assert_eq!(connection.answer(400, BodySize::None), Err(Unsendable::HeadOutOfTurn));

    // In a body that nobody has answered yet.
    let mut connection =
        Connection::received("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.receive("x");
    assert_eq!(connection.read_body(), Err(Fault::InvalidChunkSize));
    assert_eq!(connection.read_body(), Err(Fault::InvalidChunkSize), "always");
    assert!(connection.answer(400, BodySize::None).unwrap().contains("connection: close"));

    // In one that is only drained.
    let mut connection =
        Connection::received("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.answer(200, BodySize::None).unwrap();
    connection.receive("x");
    assert_eq!(connection.read_body(), Err(Fault::InvalidChunkSize));
    assert_eq!(connection.server.phase(), Phase::Ended);
}

#[test]
fn a_connection_is_small() {
    assert!(size_of::<Server>() <= 256, "{}", size_of::<Server>());
}
