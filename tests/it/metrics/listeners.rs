//! What is counted of connections.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::scraped::{Scraped, until};
use crate::support::gateway::{TestGateway, one_pool};
use crate::support::h2::{self, H2Client};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

#[tokio::test]
async fn connections_are_counted_while_they_are_open_and_after() {
    let upstream = RecordingUpstream::start(|_| Script::ok("answer")).await;
    let gateway = TestGateway::start(&one_pool(&upstream.url(), ""));
    let mut first = RawClient::connect(gateway.addr).await;
    first.get("/api/x").await;
    let mut second = H2Client::connect(gateway.addr).await;
    second.send(http::Request::get("http://test/api/x").body(h2::empty()).unwrap()).await.unwrap();
    let listener = format!("listener=\"{}\"", gateway.addr);
    let scraped = Scraped::from(&gateway.handle);
    for (sample, expected) in [
        (format!("gateway_connections_accepted_total{{{listener}}}"), 2.0),
        (format!("gateway_connections_open{{{listener}}}"), 2.0),
        (format!("gateway_http_connections_total{{{listener},protocol=\"http1\"}}"), 1.0),
        (format!("gateway_http_connections_total{{{listener},protocol=\"http2\"}}"), 1.0),
        (format!("gateway_http2_streams_total{{{listener}}}"), 1.0),
    ] {
        assert_eq!(scraped.value(&sample), expected, "{sample}");
    }
    drop((first, second));
    until(&gateway, "the connections to end", |scraped| scraped.sum("gateway_connections_open") == 0.0).await;
    assert_eq!(Scraped::from(&gateway.handle).sum("gateway_connections_accepted_total"), 2.0);
}

#[tokio::test]
async fn refused_connections_have_their_reason() {
    for (sent, keys, reason) in
        [("GET / HTTP/1.1\r\n", "proxy_protocol = true", "proxy_header_malformed"), ("", "", "timeout")]
    {
        let gateway = TestGateway::listening(
            keys,
            &one_pool(
                "http://127.0.0.1:1",
                "trusted_proxies = [\"127.0.0.1\"]\ntimeouts.request_head = \"50ms\"",
            ),
        );
        let mut client = TcpStream::connect(gateway.addr).await.unwrap();
        client.write_all(sent.as_bytes()).await.unwrap();
        until(&gateway, reason, |scraped| {
            let refused = scraped.samples().find(|(name, _)| name.contains(&format!("reason=\"{reason}\"")));
            refused.is_some_and(|(name, count)| {
                name.starts_with("gateway_connections_refused_total") && count == 1.0
            })
        })
        .await;
    }
}
