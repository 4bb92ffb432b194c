//! What hyper's HTTP/1 server answers by itself, what it hands to the service, and in which form.
//!
//! How the gateway treats malformed requests is built on these facts. When a hyper release changes one, this test says
//! which.

use std::convert::Infallible;
use std::net::SocketAddr;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What became of a request that was followed by a second one on the same connection.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// hyper answered with this status and closed; the service saw nothing.
    Refused(u16),
    /// The service saw this (see [`describe`]) and the connection was closed after the answer.
    SeenThenClosed(&'static str),
    /// The service saw this, and the second request after it.
    SeenThenNext(&'static str),
}
use Fate::{Refused, SeenThenClosed, SeenThenNext};

#[tokio::test]
async fn content_length_and_transfer_encoding() {
    let chunked = "POST / te=chunked body=chunked \"\"";
    check(&[
        // Content-Length beside Transfer-Encoding: it is dropped without a trace, and the connection closes.
        (
            b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            SeenThenClosed(chunked),
        ),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
            SeenThenClosed(chunked),
        ),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n0\r\n\r\n",
            SeenThenClosed(chunked),
        ),
        // A second, equal Content-Length: it is dropped without a trace, and the connection stays open.
        (
            b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
            SeenThenNext("POST / cl=2 body=2 \"ab\""),
        ),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", Refused(400)),
        (b"POST / HTTP/1.1\r\nContent-Length: 2, 2\r\n\r\nab", Refused(400)),
        (b"POST / HTTP/1.1\r\nContent-Length: +2\r\n\r\nab", Refused(400)),
        (b"POST / HTTP/1.1\r\nContent-Length: \r\n\r\n", Refused(400)),
        (b"POST / HTTP/1.1\r\nContent-Length : 2\r\n\r\nab", Refused(400)),
        (b"POST / HTTP/1.1\r\nContent-Length: 002\r\n\r\nab", SeenThenNext("POST / cl=002 body=2 \"ab\"")),
        // Transfer-Encoding: only the last coding is looked at; every line is handed on as it came.
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n",
            SeenThenNext("POST / te=CHUNKED body=chunked \"\""),
        ),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            SeenThenNext("POST / te=gzip, chunked body=chunked \"\""),
        ),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: , chunked\r\n\r\n0\r\n\r\n",
            SeenThenNext("POST / te=, chunked body=chunked \"\""),
        ),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            SeenThenNext("POST / te=gzip te=chunked body=chunked \"\""),
        ),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            SeenThenNext("POST / te=chunked te=chunked body=chunked \"\""),
        ),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
            Refused(400),
        ),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", Refused(400)),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n", Refused(400)),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", Refused(400)),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Refused(400)),
    ])
    .await;
}

#[tokio::test]
async fn chunks() {
    let (ab, open) =
        ("POST / te=chunked body=chunked \"ab\"", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunked = |body: &str| format!("{open}{body}").into_bytes();
    for (body, fate) in [
        ("2;a=b\r\nab\r\n0\r\n\r\n", SeenThenNext(ab)),
        ("2 \r\nab\r\n0\r\n\r\n", SeenThenNext(ab)),
        (
            "2\r\nab\r\n0\r\nX-T: 1\r\nContent-Length: 9\r\n\r\n",
            SeenThenNext("POST / te=chunked body=chunked \"ab\" trailers=x-t,content-length"),
        ),
        ("2\nab\r\n0\r\n\r\n", SeenThenClosed("POST / te=chunked body=chunked error")),
        ("2;a\nab\r\n0\r\n\r\n", SeenThenClosed("POST / te=chunked body=chunked error")),
        ("0x2\r\nab\r\n0\r\n\r\n", SeenThenClosed("POST / te=chunked body=chunked error")),
        ("+2\r\nab\r\n0\r\n\r\n", SeenThenClosed("POST / te=chunked body=chunked error")),
        ("\r\nab\r\n0\r\n\r\n", SeenThenClosed("POST / te=chunked body=chunked error")),
        ("1\r\nab\r\n0\r\n\r\n", SeenThenClosed("POST / te=chunked body=chunked error")),
    ] {
        check(&[(&chunked(body), fate)]).await;
    }
}

#[tokio::test]
async fn host_is_not_looked_at() {
    check(&[
        (b"GET / HTTP/1.1\r\n\r\n", SeenThenNext("GET / body=0 \"\"")),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", SeenThenNext("GET / host=a host=b body=0 \"\"")),
        (b"GET / HTTP/1.1\r\nHost: u@a, b\r\n\r\n", SeenThenNext("GET / host=u@a, b body=0 \"\"")),
    ])
    .await;
}

#[tokio::test]
async fn request_targets() {
    check(&[
        (b"GET /p? HTTP/1.1\r\n\r\n", SeenThenNext("GET /p? body=0 \"\"")),
        (b"GET //a/b HTTP/1.1\r\n\r\n", SeenThenNext("GET //a/b body=0 \"\"")),
        (
            b"GET http://u:p@a:81/p?q HTTP/1.1\r\n\r\n",
            SeenThenNext("GET scheme=http authority=u:p@a:81 /p?q body=0 \"\""),
        ),
        (b"GET http://a HTTP/1.1\r\n\r\n", SeenThenNext("GET scheme=http authority=a / body=0 \"\"")),
        // `path_and_query()` is "?q" here, without a slash; `path()` is "/".
        (b"GET http://a?q HTTP/1.1\r\n\r\n", SeenThenNext("GET scheme=http authority=a ?q body=0 \"\"")),
        (b"GET ftp://a/x HTTP/1.1\r\n\r\n", SeenThenNext("GET scheme=ftp authority=a /x body=0 \"\"")),
        // Authority-form and a bare word under any method: no path at all, `path()` is "".
        (b"GET a:80 HTTP/1.1\r\n\r\n", SeenThenNext("GET authority=a:80 body=0 \"\"")),
        (b"GET word HTTP/1.1\r\n\r\n", SeenThenNext("GET authority=word body=0 \"\"")),
        (b"GET word/path HTTP/1.1\r\n\r\n", Refused(400)),
        (b"OPTIONS * HTTP/1.1\r\n\r\n", SeenThenNext("OPTIONS * body=0 \"\"")),
        (b"GET * HTTP/1.1\r\n\r\n", SeenThenNext("GET * body=0 \"\"")),
        // A fragment is cut off without a trace.
        (b"GET /p?q#frag HTTP/1.1\r\n\r\n", SeenThenNext("GET /p?q body=0 \"\"")),
        (b"GET /p#/../x?q HTTP/1.1\r\n\r\n", SeenThenNext("GET /p body=0 \"\"")),
    ])
    .await;
}

#[tokio::test]
async fn bytes_in_request_targets() {
    check(&[
        ("GET /\u{e9}?\u{e9} HTTP/1.1\r\n\r\n".as_bytes(), SeenThenNext("GET /\u{e9}?\u{e9} body=0 \"\"")),
        (b"GET /\xff HTTP/1.1\r\n\r\n", Refused(400)),
        (b"GET /?\xff HTTP/1.1\r\n\r\n", Refused(400)),
        (b"GET /a\\b HTTP/1.1\r\n\r\n", SeenThenNext("GET /a\\b body=0 \"\"")),
        (b"GET /\"{}|^ HTTP/1.1\r\n\r\n", SeenThenNext("GET /\"{}|^ body=0 \"\"")),
        (b"GET /?\\{}|^` HTTP/1.1\r\n\r\n", SeenThenNext("GET /?\\{}|^` body=0 \"\"")),
        (b"GET /` HTTP/1.1\r\n\r\n", Refused(400)),
        (b"GET /< HTTP/1.1\r\n\r\n", Refused(400)),
        (b"GET /?\" HTTP/1.1\r\n\r\n", Refused(400)),
        (b"GET /?< HTTP/1.1\r\n\r\n", Refused(400)),
        (b"GET /\x01 HTTP/1.1\r\n\r\n", Refused(400)),
        (b"GET /\x00 HTTP/1.1\r\n\r\n", Refused(400)),
        (b"GET /\x7f HTTP/1.1\r\n\r\n", Refused(400)),
        (b"GET /a\tb HTTP/1.1\r\n\r\n", Refused(400)),
        (b"GET /a b HTTP/1.1\r\n\r\n", Refused(400)),
        (b"GET  /a HTTP/1.1\r\n\r\n", Refused(400)),
    ])
    .await;
}

#[tokio::test]
async fn lines_and_versions() {
    check(&[
        (b"\r\n\r\nGET / HTTP/1.1\r\n\r\n", SeenThenNext("GET / body=0 \"\"")),
        (b"GET / HTTP/1.1\nHost: a\n\n", SeenThenNext("GET / host=a body=0 \"\"")),
        (b"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", Refused(400)),
        (b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", Refused(400)),
        (b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", Refused(400)),
        (b"GET / HTTP/1.1\r\n: a\r\n\r\n", Refused(400)),
        (b"GET / HTTP/1.1\r\nX: \x01\r\n\r\n", Refused(400)),
        (b"GET / HTTP/1.1\r\nX: \x7f\r\n\r\n", Refused(400)),
        (b"GET / HTTP/1.1\r\nX: \xff\r\n\r\n", SeenThenNext("GET / body=0 \"\"")),
        (b"GET / HTTP/1.2\r\n\r\n", Refused(400)),
        (b"GET / HTTP/2.0\r\n\r\n", Refused(400)),
        (b"GET / http/1.1\r\n\r\n", Refused(400)),
        (b"GET /\r\n", Refused(400)),
        (b"G!T / HTTP/1.1\r\n\r\n", SeenThenNext("G!T / body=0 \"\"")),
        (b"G(T / HTTP/1.1\r\n\r\n", Refused(400)),
        (b"GET / HTTP/1.0\r\n\r\n", SeenThenClosed("GET / body=0 \"\"")),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", SeenThenNext("GET / body=0 \"\"")),
    ])
    .await;
}

#[tokio::test]
async fn an_unread_body_is_drained_by_two_frames_or_closes() {
    check(&[
        (
            b"POST /early HTTP/1.1\r\nContent-Length: 2\r\n\r\nab",
            SeenThenNext("POST /early cl=2 body=2 unread"),
        ),
        // One frame is read before the service asks for it, another when the body is dropped. Then hyper closes the
        // connection.
        (
            b"POST /early HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
            SeenThenNext("POST /early te=chunked body=chunked unread"),
        ),
        (
            b"POST /early HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\nab\r\n0\r\n\r\n",
            SeenThenClosed("POST /early te=chunked body=chunked unread"),
        ),
    ])
    .await;
    let missing = exchange(b"POST /early HTTP/1.1\r\nContent-Length: 9\r\n\r\nab").await;
    assert!(missing.starts_with("HTTP/1.1 200") && !missing.contains("connection: close"), "{missing}");
}

#[tokio::test]
async fn expect_100_continue() {
    let read = exchange(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab").await;
    assert!(
        read.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"),
        "at the first poll of the body: {read}"
    );
    let unread = exchange(b"POST /early HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n").await;
    assert!(unread.starts_with("HTTP/1.1 200"), "a body never polled is never asked for: {unread}");
    let old = exchange(b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab").await;
    assert!(old.starts_with("HTTP/1.0 200"), "{old}");
    let other = exchange(b"POST / HTTP/1.1\r\nExpect: else\r\nContent-Length: 2\r\n\r\nab").await;
    assert!(other.starts_with("HTTP/1.1 200"), "any other expectation is handed on: {other}");
}

async fn check(facts: &[(&[u8], Fate)]) {
    for (sent, expected) in facts {
        let answer =
            exchange(&[sent, &b"GET /next HTTP/1.1\r\nConnection: close\r\n\r\n"[..]].concat()).await;
        let fate = match (answer.contains("<GET /next"), expected) {
            (false, Refused(_)) if !answer.contains('<') => Refused(answer[9..12].parse().unwrap()),
            (false, SeenThenClosed(seen)) if answer.contains(&format!("<{seen}>")) => SeenThenClosed(seen),
            (true, SeenThenNext(seen)) if answer.contains(&format!("<{seen}>")) => SeenThenNext(seen),
            _ => panic!("{}: expected {expected:?}, got {answer}", sent.escape_ascii()),
        };
        assert_eq!(fate, *expected, "{}", sent.escape_ascii());
    }
}

async fn exchange(sent: &[u8]) -> String {
    let mut client = TcpStream::connect(bare_hyper().await).await.unwrap();
    client.write_all(sent).await.unwrap();
    client.shutdown().await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn bare_hyper() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        http1::Builder::new().half_close(true).serve_connection(TokioIo::new(stream), service_fn(tell)).await
    });
    address
}

async fn tell(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::from(format!("<{}>", describe(request).await))))
}

/// `METHOD [scheme=] [authority=] [path_and_query] [host=|cl=|te= ...] body=<size or "chunked"> <what was read>`
async fn describe(request: Request<Incoming>) -> String {
    let (parts, body) = request.into_parts();
    let mut words = vec![parts.method.to_string()];
    words.extend(parts.uri.scheme().map(|scheme| format!("scheme={scheme}")));
    words.extend(parts.uri.authority().map(|authority| format!("authority={authority}")));
    words.extend(parts.uri.path_and_query().map(|path| path.as_str().to_owned()));
    for (label, name) in [("host", "host"), ("cl", "content-length"), ("te", "transfer-encoding")] {
        words.extend(
            parts.headers.get_all(name).iter().map(|value| format!("{label}={}", value.to_str().unwrap())),
        );
    }
    let size = http_body::Body::size_hint(&body).exact();
    words.push(size.map_or("body=chunked".to_owned(), |size| format!("body={size}")));
    if parts.uri.path() == "/early" {
        words.push("unread".to_owned());
        return words.join(" ");
    }
    match body.collect().await {
        Ok(read) => {
            let trailers =
                read.trailers().map(|map| map.keys().map(|name| name.as_str()).collect::<Vec<_>>().join(","));
            words.push(format!("{:?}", read.to_bytes()).trim_start_matches('b').to_owned());
            words.extend(trailers.map(|names| format!("trailers={names}")));
        }
        Err(_) => words.push("error".to_owned()),
    }
    words.join(" ")
}
