//! `X-Forwarded-*`, `Forwarded`, `X-Real-IP`: the gateway alone says who the client is.

use std::net::{IpAddr, SocketAddr};

use gateway::serve::bind;

use crate::support::gateway::TestGateway;
use crate::support::h2::H2Client;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordedRequest, RecordingUpstream, Script};
use crate::support::relay::{API, Relay, configuration};

const SPOOFED: &[&str] = &[
    "X-Forwarded-For: 6.6.6.6",
    "x-forwarded-for: 7.7.7.7",
    "X-Forwarded-Host: evil",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Prefix: /evil",
    "X-Forwarded-Port: 666",
    "X-Forwarded-Server: evil",
    "X-Real-IP: 6.6.6.6",
    "Forwarded: for=6.6.6.6;host=evil;proto=https",
];

const ROUTES: &str = "[routes.\"/api\"]\npool = \"plain\"\n[routes.\"/\"]\npool = \"plain\"";
const TRUSTING: &str = "trusted_proxies = [\"127.0.0.0/8\", \"10.0.0.0/8\"]";

fn forwarded(request: &RecordedRequest) -> [Option<&str>; 4] {
    ["for", "host", "proto", "prefix"].map(|what| request.headers.one(&format!("x-forwarded-{what}")))
}

#[tokio::test]
async fn what_a_client_claims_is_replaced() {
    let relay = Relay::start("", ROUTES, |_| Script::ok("")).await;
    for lines in [&[][..], SPOOFED] {
        let exchange = relay.get_with(lines).await;
        assert_eq!(forwarded(exchange.seen()), [Some("127.0.0.1"), Some("test"), Some("http"), Some("/api")]);
        for gone in ["x-real-ip", "forwarded", "x-forwarded-port", "x-forwarded-server"] {
            assert!(!exchange.seen().headers.has(gone), "{gone}");
        }
        // No prefix was removed, so none is named.
        let elsewhere = relay.exchange(crate::support::relay::get("/x", lines)).await;
        assert_eq!(forwarded(elsewhere.seen()), [Some("127.0.0.1"), Some("test"), Some("http"), None]);
    }
}

#[tokio::test]
async fn what_a_trusted_proxy_says_is_kept_and_added_to() {
    let relay = Relay::start(TRUSTING, ROUTES, |_| Script::ok("")).await;
    let exchange = relay
        .get_with(&[
            "X-Forwarded-For: 6.6.6.6, 10.0.0.9",
            "x-forwarded-for: 10.0.0.8",
            "X-Forwarded-Host: www.example",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Prefix: /outer",
            "Forwarded: for=6.6.6.6",
        ])
        .await;
    assert_eq!(
        forwarded(exchange.seen()),
        [
            Some("6.6.6.6, 10.0.0.9, 10.0.0.8, 127.0.0.1"),
            Some("www.example"),
            Some("https"),
            Some("/outer/api")
        ]
    );
    let bare = relay.get_with(&[]).await;
    assert_eq!(forwarded(bare.seen()), [Some("127.0.0.1"), Some("test"), Some("http"), Some("/api")]);
}

#[tokio::test]
async fn trust_is_the_peers_not_the_headers() {
    let relay = Relay::start("trusted_proxies = [\"10.0.0.0/8\"]", ROUTES, |_| Script::ok("")).await;
    let exchange = relay.get_with(&["X-Forwarded-For: 10.0.0.1"]).await;
    assert_eq!(exchange.seen().headers.one("x-forwarded-for"), Some("127.0.0.1"));
}

#[tokio::test]
async fn over_h2_as_over_h1() {
    let relay = Relay::plain(|_| Script::ok("")).await;
    let mut client = H2Client::connect(relay.gateway.addr).await;
    let request = http::Request::get("http://test:8080/api/x")
        .header("x-forwarded-for", "6.6.6.6")
        .header("x-forwarded-host", "evil")
        .body(crate::support::h2::empty())
        .unwrap();
    client.send(request).await.unwrap();
    let seen = &relay.upstream.requests()[0];
    assert_eq!(forwarded(seen), [Some("127.0.0.1"), Some("test:8080"), Some("http"), Some("/api")]);
}

/// Peers with IPv6 addresses, and with IPv4 addresses on a socket for both.
#[tokio::test]
async fn addresses_have_neither_brackets_nor_ports_nor_mappings() {
    for (listen, connect, expected) in [
        ("[::1]:0", "::1", "::1"),
        ("[::]:0", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:0", "127.0.0.1", "127.0.0.1"),
    ] {
        let Ok(listener) = bind(listen.parse().unwrap()) else {
            eprintln!("SKIPPED LOUDLY: no {listen} here");
            continue;
        };
        let addr = SocketAddr::new(connect.parse::<IpAddr>().unwrap(), listener.local_addr().unwrap().port());
        let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
        let _gateway = TestGateway::on(listener, &configuration("", upstream.addr(), API));
        RawClient::connect(addr).await.get("/api/x").await;
        let seen = &upstream.requests()[0];
        assert_eq!(seen.headers.one("x-forwarded-for"), Some(expected), "{listen}");
    }
}

#[tokio::test]
async fn a_mapped_peer_is_trusted_as_the_address_that_it_is() {
    let Ok(listener) = bind("[::]:0".parse().unwrap()) else {
        return eprintln!("SKIPPED LOUDLY: no [::] here");
    };
    let addr = SocketAddr::from(([127, 0, 0, 1], listener.local_addr().unwrap().port()));
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let _gateway = TestGateway::on(listener, &configuration(TRUSTING, upstream.addr(), API));
    let mut client = RawClient::connect(addr).await;
    client.send("GET /api/x HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n").await;
    client.response().await;
    assert_eq!(upstream.requests()[0].headers.one("x-forwarded-for"), Some("9.9.9.9, 127.0.0.1"));
}
