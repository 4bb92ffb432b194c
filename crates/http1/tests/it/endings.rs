//! How a server's connection ends.

use http::Response;
use http1::{BodyLength, BodySize, Fault, Phase};

use crate::connection::Connection;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn a_client_that_has_said_all_is_still_answered() {
    let mut connection = Connection::received(GET);
    connection.receive("GET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3");
    connection.server.read_eof(&mut connection.buffer).unwrap();
    assert_eq!(connection.server.room(&connection.buffer), 0);
    assert!(!connection.answer(200, BodySize::None).unwrap().contains("close"));
    assert!(connection.server.read_head(&mut connection.buffer).unwrap().is_some());
    connection.answer(200, BodySize::None).unwrap();
    assert_eq!(connection.server.read_head(&mut connection.buffer).unwrap_err().fault, Fault::CutHead);

    let mut connection = Connection::received(GET);
    connection.server.read_eof(&mut connection.buffer).unwrap();
    connection.answer(200, BodySize::None).unwrap();
    assert!(connection.server.read_head(&mut connection.buffer).unwrap().is_none());
    assert_eq!(connection.server.phase(), Phase::Ended);

    let mut idle = Connection::new();
    idle.server.read_eof(&mut idle.buffer).unwrap();
    assert_eq!(idle.server.phase(), Phase::Ended);

    let mut cut = Connection::received("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n");
    assert_eq!(cut.server.read_eof(&mut cut.buffer), Err(Fault::CutBody));
    assert_eq!(cut.server.body(), BodyLength::Exactly(4));
}

#[test]
fn a_connection_that_is_to_end_takes_no_other_request() {
    let mut idle = Connection::new();
    idle.server.close_after();
    idle.receive(GET);
    assert_eq!(idle.server.phase(), Phase::Ended);
    assert!(idle.server.read_head(&mut idle.buffer).unwrap().is_none());

    let mut connection = Connection::received(GET);
    let response = Response::builder().header("connection", "close").body(()).unwrap();
    let answer = connection.send(&response, BodySize::None).unwrap();
    assert_eq!(answer.matches("close").count(), 1, "{answer}");
    assert_eq!(connection.server.phase(), Phase::Ended);
}
