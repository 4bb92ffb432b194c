//! The fields of a line.

use super::logged::Logged;
use crate::support::h2::{self, H2Client};
use crate::support::recorder::{Answer, RecordingUpstream, Script};

#[tokio::test]
async fn everything_about_a_forwarded_request() {
    let logged = Logged::start(&[], "", |_| Script::answer(Answer::new(201).chunks(["abc", "de"]))).await;
    let line = logged.line_of("GET", "/api/a%20b//c?secret=1", "forwarded", &[]).await;
    let upstream = logged.upstream.url();
    for (name, value) in [
        ("id", Some("forwarded")),
        ("client", Some("127.0.0.1")),
        ("method", Some("GET")),
        ("path", Some("/api/a%20b//c")),
        ("status", Some("201")),
        ("bytes", Some("5")),
        ("route", Some("/api")),
        ("upstream", Some(&*upstream)),
        ("tries", Some("1")),
        ("error", None),
    ] {
        assert_eq!(line.get(name), value, "{name} in {line:?}");
    }
    assert!(line.number("head_us") <= line.number("duration_us"), "{line:?}");
    assert!(!logged.text().contains("secret"), "no query by default");
}

/// Each request is answered by another part of the gateway, with GET and with HEAD. The body of a HEAD is dropped,
/// which must not be logged as a client that left.
#[tokio::test]
async fn every_answer_has_its_line() {
    let logged = Logged::start(&[], "", |_| Script::ok("abc")).await;
    for (number, (target, header, end, route)) in [
        ("/api/x", "A: b", (200, 1, None), Some("/api")),
        ("/admin/x", "A: b", (401, 0, Some("admin_token_missing")), Some("/admin")),
        ("/admin/x", "X-Admin-Token: wrong", (403, 0, Some("admin_token_unknown")), Some("/admin")),
        ("/admin/x", "X-Admin-Token: letmein", (200, 1, None), Some("/admin")),
        ("/dead/x", "A: b", (502, 1, Some("connection_refused")), Some("/dead")),
        ("/nowhere", "A: b", (404, 0, None), None),
        ("/api/../x", "A: b", (400, 0, Some("http_request_error")), None),
        ("/api/x", "Expect: miracles", (417, 0, Some("unknown_expectation")), None),
        ("/healthz", "A: b", (200, 0, None), None),
        ("/readyz", "A: b", (200, 0, None), None),
    ]
    .into_iter()
    .enumerate()
    {
        for method in ["GET", "HEAD"] {
            let line = logged.line_of(method, target, &format!("{method}-{number}"), &[header]).await;
            assert_eq!((line.end(), line.get("route")), (end, route), "{method} {target} {header}");
            assert_eq!(line.get("upstream").is_some(), end.1 > 0, "{line:?}");
            assert_eq!((line.get("method"), line.get("path")), (Some(method), Some(target)));
            assert_eq!(line.number("bytes") == 0, method == "HEAD", "{line:?}");
        }
    }
    assert!(!logged.text().contains("letmein"));
    assert!(!logged.text().contains("status=499"), "nobody left");
}

#[tokio::test]
async fn a_request_past_its_deadline_says_why() {
    let logged = Logged::start(&[], "[timeouts]\nrequest = \"100ms\"", |_| Script::silence()).await;
    let line = logged.line_of("GET", "/api/x", "late", &[]).await;
    assert_eq!(line.end(), (503, 1, Some("http_response_timeout")));
}

#[tokio::test]
async fn a_request_that_went_on_elsewhere_says_where_and_how_often() {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let config = format!(
        "[pools.api]\nupstreams = [\"http://127.0.0.1:1\", \"{}\"]\n[routes.\"/api\"]\npool = \"api\"",
        upstream.url()
    );
    let logged = Logged::over(upstream, &[], &config).await;
    let line = logged.line_of("GET", "/api/x", "elsewhere", &[]).await;
    assert_eq!((line.end(), line.get("upstream")), ((200, 2, None), Some(&*logged.upstream.url())));
}

#[tokio::test]
async fn the_client_is_who_a_trusted_peer_says() {
    let trusting = "trusted_proxies = [\"127.0.0.1/32\", \"10.0.0.0/8\"]";
    for (head, chain, client) in [
        ("", "6.6.6.6", "127.0.0.1"),
        (trusting, "6.6.6.6", "6.6.6.6"),
        (trusting, "1.1.1.1, 6.6.6.6, 10.0.0.1", "6.6.6.6"),
        (trusting, "6.6.6.6, unknown", "127.0.0.1"),
        (trusting, "\"[2001:db8::1]:443\", ::ffff:10.0.0.1", "2001:db8::1"),
    ] {
        let logged = Logged::start(&[], head, |_| Script::ok("")).await;
        let header = format!("X-Forwarded-For: {chain}");
        let line = logged.line_of("GET", "/api/x", "whose", &[&header]).await;
        assert_eq!(line.get("client"), Some(client), "{head} {chain}");
    }
}

#[tokio::test]
async fn an_id_of_ours_is_the_one_that_the_client_got() {
    let logged = Logged::start(&[], "", |_| Script::ok("")).await;
    let response = H2Client::connect(logged.addr).await.get("/api/x").await;
    let line = logged.line(response.headers["x-request-id"].to_str().unwrap()).await;
    assert_eq!((line.end(), line.get("path")), ((200, 1, None), Some("/api/x")));
}

#[tokio::test]
async fn one_line_a_request_whatever_the_connection() {
    let logged = Logged::start(&[], "", |_| Script::ok("abc")).await;
    let mut http1 = crate::support::raw::RawClient::connect(logged.addr).await;
    let mut http2 = H2Client::connect(logged.addr).await;
    for _ in 0..10 {
        assert_eq!(http1.get("/api/x").await.text(), "abc");
        http1.send("POST /api/x HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\n\r\nx").await;
        assert_eq!(http1.response().await.text(), "abc");
        let post = http::Request::post("http://t/api/x").body(h2::full("x")).unwrap();
        assert_eq!(h2::collect(http2.send(post).await.unwrap()).await.body, b"abc");
    }
    let lines = logged.lines().await;
    assert_eq!(lines.len(), 30 + 1, "{lines:#?}");
}
