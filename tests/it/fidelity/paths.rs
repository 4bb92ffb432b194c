//! Paths and queries by table, over HTTP/1.1 and cleartext HTTP/2.

use http::Request;

use super::{expected, relay};
use crate::support::h2::{self, H2Client};
use crate::support::relay::get;

/// What is left after a prefix, or stands as a path of its own.
const RESTS: &[&str] = &[
    "/",
    "/a",
    "/a/",
    "/a%2Fb",
    "/a%2fb",
    "/a%25b",
    "/a%252Fb",
    "/%zz",
    "/%",
    "/%4",
    "//",
    "//a//b//",
    "/a;v=1;w/b;",
    "/a,b=c&d+e!$'()*:@~_-",
    "/a..b/..c/d../...",
    "/%E2%82%AC/%FF",
    "/%61%41",
    "/a\"b{c}|d^",
    "/a%09b",
    "/a%0D%0AX:y",
    "/%0a",
    "/%7f/%01%1F",
    "/?",
    "/a?",
    "/a??",
    "/?b=2&a=1&a=0&&=&b",
    "/?q=a+b%20c%2B%26%3D",
    "/?q=%00%0d%0a%zz",
    "/?q=../../..;/\\{}|^`",
    "/?next=http://other/?x",
    "/a?/../..",
    "/a?a=1;b=2",
];

/// Also what follows a prefix directly.
const RESTS_WITHOUT_SLASH: &[&str] = &["", "?", "?a=1", "??", "?/"];

fn targets() -> impl Iterator<Item = String> {
    let rests = || RESTS.iter().chain(RESTS_WITHOUT_SLASH);
    let routed = ["/api", "/static"]
        .into_iter()
        .flat_map(move |prefix| rests().map(move |rest| format!("{prefix}{}", rest)));
    let others = ["/apix", "/api%2Fx", "/API/x", "/x/api/y", "/%61pi/x", "//api/x"].map(str::to_owned);
    routed.chain(RESTS.iter().map(|rest| rest.to_string())).chain(others)
}

#[tokio::test]
async fn h1_reaches_the_upstream_byte_for_byte() {
    let relay = relay().await;
    for target in targets() {
        let exchange = relay.exchange(get(&target, &[])).await;
        assert_eq!(exchange.seen().target, expected(&target), "{target}");
    }
}

#[tokio::test]
async fn h2_reaches_the_upstream_byte_for_byte() {
    let relay = relay().await;
    let mut client = H2Client::connect(relay.gateway.addr).await;
    for target in targets() {
        let before = relay.upstream.requests().len();
        let request = Request::get(format!("http://test{target}")).body(h2::empty()).unwrap();
        let response = h2::collect(client.send(request).await.unwrap()).await;
        assert_eq!(response.status, 200, "{target}");
        assert_eq!(relay.seen_since(before).unwrap().target, expected(&target), "{target}");
    }
}

#[tokio::test]
async fn raw_utf8_passes_in_a_query_only() {
    let relay = relay().await;
    let seen = relay.exchange(get("/api/a?q=\u{e9}", &[])).await;
    assert_eq!(seen.seen().target, "/a?q=\u{c3}\u{a9}");
    assert_eq!(relay.exchange(get("/api/\u{e9}", &[])).await.refused(), 400);
}

/// A fragment is never part of a target (RFC 9110 section 7.1).
#[tokio::test]
async fn a_fragment_is_refused() {
    let relay = relay().await;
    for target in ["/api/a#b?c", "/api/a?b#c", "/api#/../static", "/x#/api"] {
        let exchange = relay.exchange(get(target, &[])).await;
        assert_eq!(exchange.response.status(), 400, "{target}");
        assert!(exchange.seen.is_none(), "{target}");
    }
}

#[tokio::test]
async fn the_ambiguous_is_refused_wherever_it_is_routed() {
    let relay = relay().await;
    for rest in [
        "/..",
        "/.",
        "/./a",
        "/../a",
        "/a/../b",
        "/%2e%2e/a",
        "/%2E./a",
        "/.%252e/a",
        "/..;/a",
        "/.;x=y",
        "/..%2fa",
        "/..%5Ca",
        "/a%2f..%2fb",
        "/a\\b",
        "/a%00",
        "/%00",
        "/a%0a%00",
        "/.%09./a",
        "/..%0a",
    ] {
        for prefix in ["/api", "/static", ""] {
            let target = format!("{prefix}{rest}");
            let exchange = relay.exchange(get(&target, &[])).await;
            assert_eq!(exchange.refused(), 400, "{target}");
            assert_eq!(
                exchange.response.header("proxy-status"),
                Some("gateway; error=http_request_error"),
                "{target}"
            );
        }
    }
}

#[tokio::test]
async fn raw_control_bytes_never_pass() {
    let relay = relay().await;
    for rest in ["/a\tb", "/a\x7f", "/\x01", "/a\0"] {
        for prefix in ["/api", ""] {
            let target = format!("{prefix}{rest}");
            assert_eq!(relay.exchange(get(&target, &[])).await.refused(), 400, "{}", target.escape_debug());
        }
    }
}
