//! Answers without a body keep the fields that describe one, and nothing is added.

use crate::support::recorder::{RecordedRequest, Script};
use crate::support::relay::Relay;

/// The proxied paths of an application: below a prefix, and by the route that takes all the rest.
const ROUTES: &str = "[routes.\"/api\"]\npool = \"plain\"\n[routes.\"/\"]\npool = \"plain\"";

/// Answers with the head that the query describes: lines joined by `&`, `_` for blanks.
fn as_asked(request: &RecordedRequest) -> Script {
    let (_, query) = request.target.split_once('?').unwrap();
    let head = query.replace('_', " ").replace('&', "\r\n");
    Script::raw(format!("HTTP/1.1 {head}\r\n\r\n"))
}

#[tokio::test]
async fn head_204_and_304() {
    let relay = Relay::start("", ROUTES, as_asked).await;
    for (method, head, length, coding) in [
        ("HEAD", "200_OK&Content-Length:5", Some("5"), None),
        ("HEAD", "200_OK&Content-Length:0", Some("0"), None),
        ("HEAD", "200_OK&Content-Length:4294967297", Some("4294967297"), None),
        ("HEAD", "200_OK", None, None),
        ("HEAD", "200_OK&Transfer-Encoding:chunked", None, None),
        ("HEAD", "404_Not&Content-Length:9", Some("9"), None),
        ("HEAD", "304_Not&Content-Length:9", Some("9"), None),
        ("HEAD", "304_Not", None, None),
        ("HEAD", "204_No", None, None),
        ("GET", "304_Not&Content-Length:7", Some("7"), None),
        ("GET", "304_Not", None, None),
        ("GET", "304_Not&ETag:%22x%22", None, None),
        ("GET", "204_No", None, None),
        ("POST", "204_No", None, None),
        ("DELETE", "204_No&Content-Length:0", None, None),
        ("GET", "200_OK&Content-Length:0", Some("0"), None),
        ("POST", "201_Created&Content-Length:0", Some("0"), None),
    ] {
        for path in ["/api/x", "/x"] {
            let request = format!("{method} {path}?{head} HTTP/1.1\r\nHost: test\r\n\r\n");
            let response = relay.exchange(request).await.response;
            let got = (response.status().to_string(), response.header("content-length"));
            assert_eq!(got, (head[..3].to_owned(), length), "{method} {path} {head}");
            assert_eq!(response.header("transfer-encoding"), coding, "{method} {path} {head}");
            assert!(response.body.bytes.is_empty() && response.body.is_complete(), "{response:#?}");
        }
    }
}

#[tokio::test]
async fn the_connection_stays_in_step_behind_them() {
    let relay = Relay::start("", ROUTES, as_asked).await;
    let mut client = crate::support::raw::RawClient::connect(relay.gateway.addr).await;
    for (method, head) in [
        ("HEAD", "200_OK&Content-Length:5"),
        ("GET", "304_Not&Content-Length:7"),
        ("HEAD", "200_OK&Transfer-Encoding:chunked"),
        ("GET", "204_No"),
    ] {
        client.send(format!("{method} /api/x?{head} HTTP/1.1\r\nHost: test\r\n\r\n")).await;
        assert_eq!(client.response_to(method).await.status().to_string(), head[..3], "{method} {head}");
        assert_eq!(client.get("/api/x?200_OK&Content-Length:0").await.text(), "");
    }
    assert_eq!(relay.upstream.connections().len(), 1, "and the upstream's was used again each time");
}

#[tokio::test]
async fn over_h2_too() {
    let relay = Relay::start("", ROUTES, as_asked).await;
    let mut client = crate::support::h2::H2Client::connect(relay.gateway.addr).await;
    for (method, head, length) in [
        ("HEAD", "200_OK&Content-Length:5", Some("5")),
        ("HEAD", "200_OK", None),
        ("GET", "304_Not&Content-Length:7", Some("7")),
        ("GET", "304_Not", None),
        ("GET", "204_No", None),
    ] {
        let request = http::Request::builder().method(method).uri(format!("http://test/api/x?{head}"));
        let response = client.send(request.body(crate::support::h2::empty()).unwrap()).await.unwrap();
        let response = crate::support::h2::collect(response).await;
        let got = response.headers.get("content-length").map(|length| length.to_str().unwrap());
        assert_eq!((got, response.end, response.body.len()), (length, Ok(()), 0), "{method} {head}");
    }
}

/// An answer of the gateway's own to a HEAD has the fields that a GET would have got.
#[tokio::test]
async fn a_head_refused_by_the_gateway() {
    let relay = Relay::plain(as_asked).await;
    for target in ["/nowhere", "/api/../x", "/healthz", "/"] {
        let ask = async |method: &str| {
            relay.exchange(format!("{method} {target} HTTP/1.1\r\nHost: test\r\n\r\n")).await.response
        };
        let (got, head) = (ask("GET").await, ask("HEAD").await);
        assert_eq!(got.status(), head.status(), "{target}");
        assert_eq!(got.header("content-length"), head.header("content-length"), "{target}");
    }
}
