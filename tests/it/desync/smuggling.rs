//! No known smuggling payload makes two requests out of one, or one that two parsers read differently.

use super::parsers::Parsers;
use super::vectors::{self, Fate, Vector};
use crate::support::body::BodyEnd;
use crate::support::raw::RawClient;
use crate::support::wire::Stop;

#[tokio::test]
async fn no_payload_is_read_in_two_ways() {
    let parsers = Parsers::start().await;
    let vectors = vectors::all();
    for (number, vector) in vectors.iter().enumerate() {
        let path = format!("/{number}");
        match vector.fate {
            Fate::Refused | Fate::BrokenOff => refused(&parsers, &path, vector).await,
            Fate::Read(body) => read_alike(&parsers, &path, vector, body).await,
        }
    }
    let begun = parsers.strict.requests().len();
    for request in parsers.strict.wait_for(begun).await {
        let number: Option<usize> = request.target.strip_prefix('/').and_then(|number| number.parse().ok());
        let vector = number.and_then(|number| vectors.get(number));
        match vector.map(|vector| vector.fate) {
            Some(Fate::Read(_)) => assert_eq!(request.body.end, BodyEnd::Complete),
            Some(Fate::BrokenOff) => {
                assert!(matches!(request.body.end, BodyEnd::Truncated | BodyEnd::Reset), "{request:?}");
            }
            _ => assert_eq!(request.target, "/next", "nobody's request"),
        }
    }
    parsers.assert_clean();
}

/// To every parser it is a part of the path.
#[tokio::test]
async fn an_encoded_line_end_ends_no_line() {
    let parsers = Parsers::start().await;
    for route in parsers.routes() {
        let next = next(&format!("{route}/next"));
        let bytes = format!("GET {{P}}%0d%0aX:%20y HTTP/1.1\r\nHost: test\r\n\r\n{next}");
        let mut client = parsers.send(route, "/one", bytes.as_bytes()).await;
        let (answer, next) = (client.response().await, client.response().await);
        assert_eq!(
            (answer.text(), next.text()),
            ("GET /one%0d%0aX:%20y ".to_owned(), "GET /next ".to_owned())
        );
    }
    parsers.assert_clean();
}

/// Each body hides the head of the next request from a parser that reads its framing in another way than `http1`.
#[tokio::test]
async fn two_framings_are_refused_behind_any_body() {
    const CHUNKED: &str = "Transfer-Encoding: chunked\r\n\r\n";
    const HIDING: &str = "POST / HTTP/1.1\nContent-Length: 999999\n\n";
    let (length, blanks) = (HIDING.len(), " ".repeat(60));
    let two = format!("POST /rb/two HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n{CHUNKED}0\r\n\r\n");

    let parsers = Parsers::start().await;
    for framed in [
        format!("Content-Length:{blanks}{length}\r\n\r\n{HIDING}"),
        format!("Content-Length: {length:0100}\r\n\r\n{HIDING}"),
        format!("{CHUNKED}{length:0100x}\r\n{HIDING}\r\n0\r\n\r\n"),
        format!("{CHUNKED}0\r\nX: 1\n\n{HIDING}foo\r\n\r\n"),
    ] {
        let bytes = format!("POST {{P}} HTTP/1.1\r\nHost: test\r\n{framed}{two}");
        let mut client = parsers.send("/rb", "/one", bytes.as_bytes()).await;
        let mut last = client.response().await.status();
        while let Ok(mut next) = client.try_response_head("GET").await {
            while client.piece(&mut next).await.is_some() {}
            last = next.status();
        }
        assert_eq!(last, 400, "{framed:?}");
    }
    let requests = parsers.strict.requests();
    assert!(requests.iter().all(|request| request.target == "/one"), "{requests:?}");
    parsers.assert_clean();
}

async fn refused(parsers: &Parsers, path: &str, vector: &Vector) {
    let bytes = [&vector.bytes, next("/rb/next-of-refused").as_bytes()].concat();
    let mut client = parsers.send("/rb", path, &bytes).await;
    let status = last_status(&mut client, vector.name).await;
    assert!(matches!(status, 400 | 501 | 505), "{}: {status}", vector.name);
}

/// The body of the answer, which must be the only one.
async fn last_status(client: &mut RawClient, name: &str) -> u16 {
    let mut answer = client.try_response_head("GET").await.unwrap_or_else(|stop| panic!("{name}: {stop:?}"));
    while client.piece(&mut answer).await.is_some() {}
    assert!(answer.body.is_complete(), "{name}: {answer:?}");
    match client.try_response_head("GET").await {
        Err(Stop::Closed | Stop::Reset) => answer.status(),
        other => panic!("{name}: {answer:?}, then {other:?}"),
    }
}

async fn read_alike(parsers: &Parsers, path: &str, vector: &Vector, body: &str) {
    let method = if vector.bytes.starts_with(b"GET") { "GET" } else { "POST" };
    for route in parsers.routes() {
        let bytes = [&vector.bytes, next(&format!("{route}/next")).as_bytes()].concat();
        let mut client = parsers.send(route, path, &bytes).await;
        let (answer, next) = (client.response().await, client.response().await);
        assert_eq!(answer.text(), format!("{method} {path} {body}"), "{route} {}", vector.name);
        assert_eq!(next.text(), "GET /next ", "{route} {}", vector.name);
    }
}

fn next(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n")
}
