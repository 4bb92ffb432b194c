//! The four forms of a target (RFC 9112 section 3.2), and `Host`.

use super::relay;
use crate::support::h2::{self, H2Client};
use crate::support::relay::{Relay, get};

use http::{Method, Request};

async fn status_of(relay: &Relay, head: &str) -> u16 {
    relay.exchange(format!("{head}\r\n\r\n")).await.refused()
}

#[tokio::test]
async fn options_asterisk_is_answered_by_the_gateway_with_and_without_a_route_for_everything() {
    for relay in [relay().await, Relay::plain(|_| crate::support::recorder::Script::ok("")).await] {
        let exchange = relay.exchange("OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n").await;
        assert_eq!(exchange.refused(), 204);
        assert!(exchange.response.headers().lists("allow", "GET"));
        assert!(exchange.response.header("x-request-id").is_some());
    }
}

#[tokio::test]
async fn an_asterisk_is_for_options_alone_and_a_word_is_no_target() {
    for relay in [relay().await, Relay::plain(|_| crate::support::recorder::Script::ok("")).await] {
        for line in ["GET *", "POST *", "GET test", "GET test:80", "OPTIONS test:80", "GET api/x"] {
            assert_eq!(status_of(&relay, &format!("{line} HTTP/1.1\r\nHost: test")).await, 400, "{line}");
        }
    }
}

#[tokio::test]
async fn connect_and_trace_are_not_for_this_server() {
    let relay = relay().await;
    for line in ["CONNECT test:80", "TRACE /api/x", "TRACE /", "TRACE *"] {
        let exchange =
            relay.exchange(format!("{line} HTTP/1.1\r\nHost: test:80\r\nCookie: secret\r\n\r\n")).await;
        assert_eq!(exchange.refused(), 405, "{line}");
        assert!(exchange.response.headers().lists("allow", "GET"), "{line}");
        assert!(!exchange.response.text().contains("secret"), "{line}");
    }
}

#[tokio::test]
async fn connect_and_trace_over_h2() {
    let relay = relay().await;
    let mut client = H2Client::connect(relay.gateway.addr).await;
    let connect = Request::connect("test:80").body(h2::empty()).unwrap();
    assert_eq!(client.send(connect).await.unwrap().status(), 405);
    let trace = Request::builder().method(Method::TRACE).uri("http://test/api/x").body(h2::empty()).unwrap();
    assert_eq!(client.send(trace).await.unwrap().status(), 405);
    assert!(relay.upstream.requests().is_empty());
}

/// RFC 9110 section 7.6.2.
#[tokio::test]
async fn max_forwards_is_counted_down_on_options_and_left_alone_elsewhere() {
    let relay = relay().await;
    for (method, received, sent) in [
        ("OPTIONS", "1", "0"),
        ("OPTIONS", "10", "9"),
        ("OPTIONS", "10\r\nConnection: max-forwards", "9"),
        ("GET", "0", "0"),
        ("POST", "ten", "ten"),
    ] {
        let request = format!("{method} /api/x HTTP/1.1\r\nHost: test\r\nMax-Forwards: {received}\r\n\r\n");
        let exchange = relay.exchange(request).await;
        assert_eq!(exchange.seen().headers.one("max-forwards"), Some(sent), "{method} {received}");
    }
    let answers = [("OPTIONS", "0", 200), ("OPTIONS", "ten", 400), ("TRACE", "0", 405), ("TRACE", "1", 405)];
    for (method, count, status) in answers {
        let request = format!("{method} /api/x HTTP/1.1\r\nHost: test\r\nMax-Forwards: {count}\r\n\r\n");
        let exchange = relay.exchange(request).await;
        assert_eq!(exchange.refused(), status, "{method} {count}");
        if status != 400 {
            assert!(exchange.response.headers().lists("allow", "GET"), "{method} {count}");
        }
    }
}

/// A route behind the gate tells nothing without a token.
#[tokio::test]
async fn the_last_hop_of_options_is_behind_the_gate() {
    let gated = "[routes.\"/api\"]\npool = \"plain\"\nadmin_tokens = [\"letmein\"]";
    let relay = Relay::start("", gated, |_| crate::support::recorder::Script::ok("")).await;
    for (token, status) in [("", 401), ("X-Admin-Token: letmein\r\n", 200)] {
        let head = format!("OPTIONS /api/x HTTP/1.1\r\nHost: test\r\nMax-Forwards: 0\r\n{token}\r\n");
        assert_eq!(relay.exchange(head).await.refused(), status, "{token}");
    }
}

#[tokio::test]
async fn absolute_form_is_routed_like_origin_form() {
    let relay = relay().await;
    for (target, host, expected) in [
        ("http://test/api/a%2Fb?c", "test", "/a%2Fb?c"),
        ("http://TEST/api//a?", "test", "//a?"),
        ("http://test:80/api", "test", "/"),
        ("http://test/static", "test:80", "/base%2Fv1"),
        ("http://test/static/", "test:80", "/base%2Fv1/"),
        ("http://test:8080/api/", "test:8080", "/"),
        ("https://test/api/x", "test:443", "/x"),
        ("http://[::1]:80/api/x", "[::1]", "/x"),
        ("http://test/x?y", "test", "/base%2Fv1/x?y"),
        ("http://test", "test", "/base%2Fv1/"),
        ("http://test?y", "test", "/base%2Fv1/?y"),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(relay.exchange(request).await.seen().target, expected, "{target} {host}");
    }
}

#[tokio::test]
async fn an_absolute_form_that_contradicts_its_host_is_refused() {
    let relay = relay().await;
    for (target, host) in [
        ("http://other/api/x", "test"),
        ("http://test:81/api/x", "test"),
        ("http://test/api/x", "test:81"),
        ("https://test/api/x", "test:80"),
        ("http://test.evil/api/x", "test"),
        ("http://u@test/api/x", "test"),
        ("http://u:p@test/api/x", "u:p@test"),
        ("http://test@evil/api/x", "test"),
        ("http:///api/x", "test"),
    ] {
        let head = format!("GET {target} HTTP/1.1\r\nHost: {host}");
        assert_eq!(status_of(&relay, &head).await, 400, "{target} {host}");
    }
}

/// There is no gateway to other protocols here.
#[tokio::test]
async fn a_scheme_that_is_not_one_of_http_is_refused() {
    let relay = relay().await;
    for (target, status) in [
        ("ftp://test/api/x", 400),
        ("ws://test/api/x", 400),
        ("httpx://test/api/x", 400),
        ("http://test/api/x", 200),
        ("HTTPS://test/api/x", 200),
    ] {
        let head = format!("GET {target} HTTP/1.1\r\nHost: test\r\n\r\n");
        assert_eq!(relay.exchange(head).await.response.status(), status, "{target}");
    }
    let mut client = H2Client::connect(relay.gateway.addr).await;
    let request = Request::get("ftp://test/api/x").body(h2::empty()).unwrap();
    assert_eq!(client.send(request).await.unwrap().status(), 400);
}

#[tokio::test]
async fn exactly_one_valid_host() {
    let relay = relay().await;
    for lines in [
        &[][..],
        &["test", "test"],
        &["test", "other"],
        &["a, b"],
        &["a,b"],
        &["u@test"],
        &["u:p@test"],
        &[""],
        &[":80"],
        &["test:x"],
        &["test:99999"],
        &["te st"],
        &["test/x"],
        &["test?x"],
        &["[::1"],
        &["::1"],
        &["t\u{e9}st"],
        &["."],
        &[".."],
        &["-"],
        &["-:80"],
        &[".test"],
        &["test..example"],
        &["test.."],
    ] {
        let lines: String = lines.iter().map(|host| format!("\r\nHost: {host}")).collect();
        // Not only for forwarded requests: the rule is that of the listener.
        for target in ["/api/x", "/healthz"] {
            assert_eq!(
                status_of(&relay, &format!("GET {target} HTTP/1.1{lines}")).await,
                400,
                "{target}{lines}"
            );
        }
    }
    for host in ["test.example.", "test.example.:80", "under_scored.example"] {
        relay.exchange(format!("GET /api/x HTTP/1.1\r\nHost: {host}\r\n\r\n")).await.seen();
    }
    let http10 = relay.exchange("GET /api/x HTTP/1.0\r\n\r\n").await;
    assert_eq!(http10.seen().headers.one("host"), Some(relay.upstream.addr().to_string().as_str()));
}

#[tokio::test]
async fn over_h2_the_authority_is_the_host() {
    let relay = relay().await;
    let mut client = H2Client::connect(relay.gateway.addr).await;
    let mut answer_to = async |uri: &str, host: Option<&str>| {
        let mut request = Request::get(uri);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        client.send(request.body(h2::empty()).unwrap()).await.unwrap().status().as_u16()
    };
    assert_eq!(answer_to("http://test/api/x", None).await, 200);
    assert_eq!(answer_to("http://test/api/x", Some("test:80")).await, 200);
    assert_eq!(answer_to("http://test/api/x", Some("other")).await, 400);
    assert_eq!(answer_to("http://u@test/api/x", None).await, 400);
    assert_eq!(relay.upstream.requests().len(), 2);
}

#[tokio::test]
async fn no_request_chooses_its_upstream() {
    let relay = relay().await;
    let elsewhere = "evil.example:1";
    for target in
        ["/api//evil.example:1/x", "/api/@evil.example:1", "/static/%40evil.example:1", "//evil.example:1/x"]
    {
        let lines = [&*format!("X-Forwarded-Host: {elsewhere}"), &format!("Forwarded: host=\"{elsewhere}\"")];
        let seen = relay.exchange(get(target, &lines)).await;
        assert_eq!(
            seen.seen().headers.one("host"),
            Some(relay.upstream.addr().to_string().as_str()),
            "{target}"
        );
    }
}
