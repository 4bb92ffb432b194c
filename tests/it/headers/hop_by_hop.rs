//! Fields that are meant for one hop are not passed on; everything else is, line by line.

use crate::support::recorder::{Answer, Script};
use crate::support::relay::Relay;

const ALWAYS: &[&str] = &[
    "Connection",
    "Proxy-Connection",
    "Keep-Alive",
    "Transfer-Encoding",
    "TE",
    "Upgrade",
    "HTTP2-Settings",
    "Proxy-Authenticate",
    "Proxy-Authorization",
];

#[tokio::test]
async fn requests_lose_every_nominated_header_of_every_connection_line() {
    let relay = Relay::plain(|_| Script::ok("")).await;
    let exchange = relay
        .get_with(&[
            "Connection: x-one ,X-TWO",
            "X-One: 1",
            "x-one: again",
            "X-Two: 2",
            "X-Three: 3",
            "X-Kept: 4",
            "CONNECTION: ,\tX-three,,keep-alive",
            "Keep-Alive: timeout=5",
            "Proxy-Connection: keep-alive",
            "TE: gzip",
            "Upgrade: h2c",
            "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
            "Proxy-Authenticate: Basic",
            "Proxy-Authorization: Basic c2VjcmV0",
        ])
        .await;
    let headers = &exchange.seen().headers;
    for gone in ALWAYS.iter().chain(&["x-one", "x-two", "x-three"]) {
        assert!(!headers.has(gone), "{gone}: {headers:#?}");
    }
    assert_eq!(headers.one("x-kept"), Some("4"));
}

#[tokio::test]
async fn responses_lose_them_too() {
    let answer = Answer::new(200)
        .header("Connection", "X-One")
        .header("X-One", "1")
        .header("X-Two", "2")
        .header("connection", "keep-alive, x-TWO")
        .header("Keep-Alive", "timeout=5")
        .header("Proxy-Connection", "keep-alive")
        .header("TE", "gzip")
        .header("Upgrade", "h2c")
        .header("HTTP2-Settings", "AA")
        .header("Proxy-Authenticate", "Basic")
        .header("Proxy-Authorization", "Basic c2VjcmV0")
        .header("X-Kept", "1")
        .header("x-kept", "2");
    let relay = Relay::plain(move |_| Script::answer(answer.clone())).await;
    let headers = relay.get_with(&[]).await.response.head.headers;
    for gone in ALWAYS.iter().chain(&["x-one", "x-two"]) {
        assert!(!headers.has(gone), "{gone}: {headers:#?}");
    }
    assert_eq!(headers.all("x-kept"), ["1", "2"]);
}

#[tokio::test]
async fn everything_else_passes_both_ways_as_it_is() {
    let lines = [
        ("Cookie", "a=1"),
        ("Cookie", "b=\u{e9}"),
        ("Authorization", "Bearer abc"),
        ("X_Custom", "under_scores"),
        ("X-Empty", ""),
        ("Accept-Encoding", "gzip"),
        ("Trailer", "X-Sum"),
        ("Range", "bytes=0-1"),
        ("If-None-Match", "\"x\", W/\"y\""),
        ("Priority", "u=1"),
    ];
    let answer = lines.iter().fold(Answer::new(200), |answer, (name, value)| answer.header(name, value));
    let relay = Relay::plain(move |_| Script::answer(answer.clone())).await;
    let text: Vec<String> = lines.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let text: Vec<&str> = text.iter().map(String::as_str).collect();
    let exchange = relay.get_with(&text).await;
    for headers in [&exchange.seen().headers, exchange.response.headers()] {
        for (name, _) in lines {
            let sent: Vec<_> =
                lines.iter().filter(|line| line.0 == name).map(|line| as_sent(line.1)).collect();
            assert_eq!(headers.all(name), sent, "{headers:#?}");
        }
    }
}

/// How a UTF-8 text looks to a reader of single bytes.
fn as_sent(value: &str) -> String {
    crate::support::syntax::latin1(value.as_bytes())
}

#[tokio::test]
async fn te_trailers_goes_upstream_only_if_the_client_said_so() {
    let relay = Relay::plain(|_| Script::ok("")).await;
    for (lines, expected) in [
        (&["TE: trailers"][..], Some("trailers")),
        (&["TE: gzip;q=0.5, Trailers", "Connection: TE"], Some("trailers")),
        (&["TE: deflate", "TE: trailers"], Some("trailers")),
        (&["TE: gzip"], None),
        (&["TE: trailers;q=1"], None),
        (&["TE: trailersx"], None),
        (&[], None),
    ] {
        let exchange = relay.get_with(lines).await;
        let headers = &exchange.seen().headers;
        assert_eq!(headers.one("te"), expected, "{lines:?}");
        // RFC 9110 section 10.1.4.
        assert_eq!(headers.one("connection"), expected.map(|_| "te"), "{lines:?}");
    }
}

#[tokio::test]
async fn an_upstream_that_closes_doesnt_close_the_client() {
    let relay = Relay::plain(|_| Script::answer(Answer::new(200).until_close("x"))).await;
    let mut client = crate::support::raw::RawClient::connect(relay.gateway.addr).await;
    for _ in 0..2 {
        let response = client.get("/api/x").await;
        assert_eq!((response.text().as_str(), response.header("connection")), ("x", None));
    }
}

#[tokio::test]
async fn a_backend_that_folds_names_is_told_nothing_by_a_client() {
    let relay = Relay::plain(|_| Script::ok("")).await;
    let aliases = [
        "X_Forwarded_For",
        "X.Forwarded.For",
        "x-forwarded_for",
        "X_FORWARDED-PROTO",
        "X_Forwarded_Anything",
        "X_Real_IP",
        "transfer_encoding",
        "Content_Length",
        "X_Request_Id",
        "X_Admin_Token",
    ];
    let lines = aliases.map(|name| format!("{name}: chunked"));
    let lines: Vec<&str> = lines.iter().map(String::as_str).chain(["X_Other: 1"]).collect();
    let headers = &relay.get_with(&lines).await.seen.unwrap().headers;
    for name in aliases {
        assert!(!headers.has(name), "{name}: {headers:#?}");
    }
    assert_eq!(headers.one("X_Other"), Some("1"));
}
