//! Requests that the listener refuses, in the composed layers.

use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, StatusCode};
use bytes::BytesMut;
use http1::{Limits, Server};
use tower::ServiceExt;
use tracing_subscriber::fmt::MakeWriter;

use super::*;
use crate::serve::stand_in;
use crate::table;

/// What the client is answered, and the access log's line.
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    line: String,
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Passes the stand-in for a head that `http1` refuses through the layers. Behind them is a router that nothing may
/// reach.
async fn answered(head: &str) -> Answered {
    let limits = Limits { target: 32, ..Limits::REQUESTS };
    let refused = Server::new(limits).read_head(&mut BytesMut::from(head)).expect_err(head);
    let router = axum::Router::new().fallback(async || -> &'static str { panic!("it reached the router") });
    let edge = Edge { errors: None, spared: None, audience: Arc::default() };
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let response = edge
        .around(table::Builder::new(router, []).build())
        .oneshot(stand_in(*refused, RequestBody::empty()))
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(Body::new(body), 1000).await.unwrap();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(" access: ")).collect();
    let [line] = lines[..] else { panic!("{head:?}: {log}") };
    Answered { status: parts.status, headers: parts.headers, body, line: line.to_owned() }
}

#[tokio::test]
async fn what_the_listener_refuses_is_answered_and_logged_like_any_request() {
    let long = "x".repeat(32);
    let asked = "X-Request-Id: theirs\r\n";
    for (head, status, body, said) in [
        (
            "GET /a\r\n\r\n".to_owned(),
            400,
            "Bad Request\n",
            ["status=400 ", "error=\"invalid_request_line\""],
        ),
        (format!("\n{asked}"), 400, "Bad Request\n", ["status=400 ", "error=\"bare_line_feed\""]),
        (
            format!("GET /a?secret HTTP/1.1\r\n{asked}X : y\r\n\r\n"),
            400,
            "Bad Request\n",
            ["method=GET path=/a status=400 ", "error=\"blank_before_colon\""],
        ),
        (
            format!("GET /{long} HTTP/1.1\r\n\r\n"),
            414,
            "URI Too Long\n",
            [&*format!("method=GET path=/{long} status=414 "), "error=\"target_too_long\""],
        ),
        (
            format!("GET /a HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(101)),
            431,
            "Request Header Fields Too Large\n",
            ["method=GET path=/a status=431 ", "error=\"too_many_fields\""],
        ),
        (
            "PUT /a HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n".to_owned(),
            417,
            "Expectation Failed\n",
            ["method=PUT path=/a status=417 ", "error=\"unknown_expectation\""],
        ),
        (
            "PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n".to_owned(),
            501,
            "Not Implemented\n",
            ["method=PUT path=/a status=501 ", "error=\"unknown_coding\""],
        ),
        (
            "HEAD /a HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n".to_owned(),
            400,
            "",
            ["method=HEAD path=/a status=400 bytes=0 ", "error=\"repeated_host\""],
        ),
    ] {
        let answered = answered(&head).await;
        assert_eq!((answered.status.as_u16(), &*answered.body), (status, body.as_bytes()), "{head:?}");
        let id = answered.headers["x-request-id"].to_str().unwrap();
        assert!(!head.contains(id) && answered.line.contains(&format!("id=\"{id}\"")), "{}", answered.line);
        assert_eq!(answered.headers["proxy-status"], "gateway; error=http_request_error", "{head:?}");
        for said in said {
            assert!(answered.line.contains(said), "{said}: {}", answered.line);
        }
        let is_method_said = answered.line.contains("method=");
        assert_eq!(is_method_said, said[0].starts_with("method="), "{}", answered.line);
        assert!(!answered.line.contains("secret") && answered.line.contains("tries=0"), "{}", answered.line);
    }
}

/// Its id is that of the client if all its fields could be read, and never one that only some readers would read.
#[tokio::test]
async fn a_refused_requests_id_is_kept_if_its_head_could_be_read() {
    let twice = "Content-Length: 1\r\nContent-Length: 1\r\n";
    for (fields, is_kept) in [
        (format!("X-Request-Id: theirs\r\n{twice}"), true),
        (format!("{twice}X-Request-Id: theirs\r\n"), true),
        (format!("X-Request-Id: theirs\r\n{twice}X-Request-Id: others\r\n"), false),
        (format!("X-Request-Id: theirs\r\n{twice}X: y\n"), false),
    ] {
        let answered = answered(&format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\nx")).await;
        assert_eq!(answered.headers["x-request-id"] == "theirs", is_kept, "{fields:?}");
    }
}

/// A CONNECT that is refused is no tunnel, and a refused OPTIONS isn't answered as one.
#[tokio::test]
async fn no_layer_acts_on_a_refused_request() {
    for line in ["CONNECT a:1", "OPTIONS *", "OPTIONS /a", "TRACE /a", "GET /../a"] {
        let answered = answered(&format!("{line} HTTP/1.1\r\nMax-Forwards: 0\r\n\r\n")).await;
        assert_eq!(answered.status, 400, "{line}");
        assert!(answered.line.contains("error=\"missing_host\""), "{}", answered.line);
        assert!(answered.line.contains(&format!("method={}", line.split(' ').next().unwrap())));
    }
}
