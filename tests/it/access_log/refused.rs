//! Requests that the listener refuses.

use super::logged::Logged;
use crate::support::h2::{self, H2Client};
use crate::support::raw::RawClient;
use crate::support::recorder::Script;

#[tokio::test]
async fn over_http1_a_line_names_what_is_wrong() {
    let logged = Logged::start(&[], "", |_| Script::ok("abc")).await;
    let many = "X: v\r\n".repeat(101);
    for (head, status, error, asked) in [
        ("no HTTP at all\r\n\r\n".to_owned(), 400, "invalid_request_line", (None, None)),
        (
            "GET /a?secret HTTP/1.1\r\nX : y\r\n\r\n".to_owned(),
            400,
            "blank_before_colon",
            (Some("GET"), Some("/a")),
        ),
        (
            format!("PUT /a HTTP/1.1\r\nHost: t\r\n{many}\r\n"),
            431,
            "too_many_fields",
            (Some("PUT"), Some("/a")),
        ),
    ] {
        let mut client = RawClient::connect(logged.addr).await;
        client.send(&head).await;
        let answer = client.response().await;
        assert_eq!(answer.status(), status, "{head}");
        let line = logged.line(answer.header("x-request-id").unwrap()).await;
        assert_eq!((line.end(), line.get("route")), ((status.into(), 0, Some(error)), None), "{head}");
        assert_eq!((line.get("method"), line.get("path")), asked, "{head}");
        assert_eq!(line.get("client"), Some("127.0.0.1"));
    }
    assert_eq!(
        logged.lines().await.len(),
        3 + 1,
        "one for each, and the one of the request that asks for them"
    );
    logged.raw_line("there are more fields than the limit (limits.header_fields)").await;
    assert!(!logged.text().contains("secret"));
}

#[tokio::test]
async fn behind_a_pipelined_request_each_has_its_own() {
    let logged = Logged::start(&[], "", |_| Script::ok("abc")).await;
    let good = "GET /api/good HTTP/1.1\r\nHost: t\r\nX-Request-Id: good\r\n\r\n";
    let bad = "GET /api/bad HTTP/1.1\r\nHost: t\r\nHost: u\r\nX-Request-Id: bad\r\n\r\n";
    let never = "GET /api/never HTTP/1.1\r\nHost: t\r\nX-Request-Id: never\r\n\r\n";
    let mut client = RawClient::connect(logged.addr).await;
    client.send([good, bad, never].concat()).await;
    for (id, status, body) in [("good", 200, "abc"), ("bad", 400, "Bad Request\n")] {
        let answer = client.response().await;
        assert_eq!((answer.status(), answer.text().as_str()), (status, body));
        assert_eq!(answer.header("x-request-id"), Some(id));
    }
    client.expect_close().await;
    assert_eq!(logged.line("good").await.end(), (200, 1, None));
    assert_eq!(logged.line("bad").await.end(), (400, 0, Some("repeated_host")));
    assert_eq!(logged.lines().await.len(), 2 + 1, "and the one of the request that asks for them");
    assert_eq!(logged.upstream.requests().len(), 1);
}

#[tokio::test]
async fn over_http2_a_line_names_the_limit() {
    let logged = Logged::start(&[], "", |_| Script::ok("abc")).await;
    let request = http::Request::get(format!("http://test/api/{}", "x".repeat(9 << 10)));
    let request = request.header("x-request-id", "long").body(h2::empty()).unwrap();
    let answer = H2Client::connect(logged.addr).await.send(request).await.unwrap();
    assert_eq!(answer.status().as_u16(), 414);
    let line = logged.line("long").await;
    assert_eq!((line.end(), line.get("route")), ((414, 0, Some("target_too_long")), None));
    assert!(line.get("path").unwrap().starts_with("/api/xxx"), "{line:?}");
    logged.raw_line("the target is longer than its limit (limits.uri)").await;
}
