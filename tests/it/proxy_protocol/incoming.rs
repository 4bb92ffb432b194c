//! `proxy_protocol`: whose requests they are behind a proxy, and what is refused.

use std::time::Duration;

use super::*;
use crate::support::gateway::TestGateway;
use crate::support::raw::Closed;
use crate::support::recorder::{RecordingUpstream, Script};

struct Behind {
    gateway: TestGateway,
    upstream: RecordingUpstream,
}

async fn behind(trusted: &str, more: &str) -> Behind {
    let upstream = RecordingUpstream::start(|_| Script::ok("ok")).await;
    let config = format!(
        "trusted_proxies = [{trusted}]\n{more}\n[pools.api]\nupstreams = [\"http://{}\"]\n[routes.\"/\"]\npool = \"api\"\n",
        upstream.addr()
    );
    Behind { gateway: TestGateway::listening("proxy_protocol = true", &config), upstream }
}

const HEADER: &str = "PROXY TCP4 192.0.2.1 198.51.100.7 4711 443\r\n";
const GET: &str = "GET / HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n";

#[tokio::test]
async fn the_client_is_the_one_that_the_header_names() {
    let Behind { gateway, upstream } = behind("\"127.0.0.1\"", "").await;
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(format!("{HEADER}{GET}")).await;
    assert_eq!(client.response().await.status(), 200);
    client.send(GET).await;
    assert_eq!(client.response().await.status(), 200);
    for seen in upstream.requests() {
        let forwarded = seen.headers.one("x-forwarded-for");
        assert_eq!(forwarded, Some("192.0.2.1"), "and what that client claims is dropped");
    }
}

/// A proxy behind another one: the client of the connection is a proxy that is trusted in turn.
#[tokio::test]
async fn a_trusted_client_may_speak_for_others_in_its_headers() {
    let Behind { gateway, upstream } = behind("\"127.0.0.1\", \"192.0.2.1\"", "").await;
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(format!("{HEADER}{GET}")).await;
    assert_eq!(client.response().await.status(), 200);
    assert_eq!(upstream.requests()[0].headers.one("x-forwarded-for"), Some("203.0.113.9, 192.0.2.1"));
}

#[tokio::test]
async fn http2_may_follow_too() {
    let Behind { gateway, upstream } = behind("\"127.0.0.1\"", "").await;
    let mut stream = tokio::net::TcpStream::connect(gateway.addr).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, HEADER.as_bytes()).await.unwrap();
    let (requests, connection) = ::h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get("http://test/").body(()).unwrap();
    let (answer, _) = requests.ready().await.unwrap().send_request(request, true).unwrap();
    assert_eq!(answer.await.unwrap().status(), 200);
    assert_eq!(upstream.requests()[0].headers.one("x-forwarded-for"), Some("192.0.2.1"));
}

#[tokio::test]
async fn without_a_header_nothing_is_answered() {
    let Behind { gateway, upstream } = behind("\"127.0.0.1\"", "").await;
    for bytes in [GET, "PROXY TCP4 nonsense\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n"] {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(bytes).await;
        assert_eq!(client.rest().await.0, b"", "{bytes}");
    }
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn others_than_the_trusted_are_not_served() {
    let Behind { gateway, upstream } = behind("\"192.0.2.7\"", "").await;
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(format!("{HEADER}{GET}")).await;
    assert_eq!(client.rest().await.0, b"");
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn it_has_to_come_in_time() {
    let Behind { gateway, .. } = behind("\"127.0.0.1\"", "timeouts.request_head = \"300ms\"").await;
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("PROXY TCP4 192.0.2.1 ").await;
    let begun = std::time::Instant::now();
    assert_eq!(client.rest().await, (Vec::new(), Closed::Fin));
    assert!(begun.elapsed() < Duration::from_secs(5));
}
