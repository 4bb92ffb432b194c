//! nginx as an upstream.

use crate::support::gateway::TestGateway;
use crate::support::h2::H2Client;
use crate::support::raw::RawClient;
use crate::support::relay::{API, configuration};
use crate::support::syntax::Framing;
use crate::support::tools::{Nginx, free_port};

const LOCATIONS: &str = r#"
    location / { return 200 "$request_uri|$http_host|$http_x_forwarded_for|$connection|$connection_requests"; }
    location /files/ { alias ./files/; gzip off; }
    location /chunked { default_type text/plain; alias ./files/chunked.html; ssi on; ssi_types *; }
    location /old { return 301 /new; }
    location /broken { return 444; }
"#;

const BIG: usize = 8 << 20;

struct Behind {
    gateway: TestGateway,
    nginx: Nginx,
}

/// `None` if nginx is not installed.
async fn nginx() -> Option<Behind> {
    let port = free_port();
    let nginx = Nginx::start(port, LOCATIONS).await?;
    let files = nginx.directory().join("files");
    std::fs::create_dir(&files).unwrap();
    std::fs::write(files.join("big"), big()).unwrap();
    std::fs::write(files.join("chunked.html"), "before <!--# echo var=\"request_method\" --> after").unwrap();
    let gateway = TestGateway::start(&configuration("", nginx.addr(), API));
    Some(Behind { gateway, nginx })
}

fn big() -> Vec<u8> {
    (0..BIG).map(|at| (at * 31 % 251) as u8).collect()
}

#[tokio::test]
async fn requests_share_a_kept_connection() {
    let Some(Behind { gateway, nginx }) = nginx().await else { return };
    let mut connections = Vec::new();
    for number in 1..=3 {
        // Each client has a connection of its own; the one to the upstream stays the same.
        let answer = RawClient::connect(gateway.addr).await.get("/api/a%2Fb//c?d").await.text();
        let parts: Vec<&str> = answer.split('|').collect();
        assert_eq!(parts[..3], ["/a%2Fb//c?d", &nginx.addr().to_string(), "127.0.0.1"], "{answer}");
        assert_eq!(parts[4], number.to_string(), "{answer}");
        connections.push(parts[3].to_owned());
    }
    connections.dedup();
    assert_eq!(connections.len(), 1, "{connections:?}");
}

#[tokio::test]
async fn a_big_file_arrives_whole_with_its_length() {
    let Some(Behind { gateway, nginx: _nginx }) = nginx().await else { return };
    let mut client = RawClient::connect(gateway.addr).await;
    let got = client.get("/api/files/big").await;
    assert_eq!(got.body.framing, Framing::Length(BIG as u64));
    assert!(got.body.is_complete() && got.body.bytes == big());
    let over_h2 = H2Client::connect(gateway.addr).await.get("/api/files/big").await;
    assert_eq!(over_h2.headers["content-length"], BIG.to_string());
    assert!(over_h2.end == Ok(()) && over_h2.body == big());

    client.send("GET /api/files/big HTTP/1.1\r\nHost: test\r\nRange: bytes=5-9\r\n\r\n").await;
    let part = client.response().await;
    assert_eq!((part.status(), &part.body.bytes[..]), (206, &big()[5..10]));
}

#[tokio::test]
async fn a_head_and_a_304_say_what_nginx_says() {
    let Some(Behind { gateway, nginx }) = nginx().await else { return };
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("HEAD /api/files/big HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let head = client.response_to("HEAD").await;
    assert_eq!((head.status(), head.header("content-length")), (200, Some(&*BIG.to_string())));

    let tag = head.header("etag").unwrap();
    let conditional =
        |path: &str| format!("GET {path} HTTP/1.1\r\nHost: test\r\nIf-None-Match: {tag}\r\n\r\n");
    client.send(conditional("/api/files/big")).await;
    let unchanged = client.response().await;
    let mut directly = RawClient::connect(nginx.addr()).await;
    directly.send(conditional("/files/big")).await;
    let theirs = directly.response().await;
    assert_eq!((unchanged.status(), theirs.status()), (304, 304));
    for name in ["content-length", "etag", "last-modified"] {
        assert_eq!(unchanged.header(name), theirs.header(name), "{name}");
    }
    assert_eq!(client.get("/api/x").await.status(), 200, "and the connection is in step");
}

#[tokio::test]
async fn a_chunked_answer_stays_chunked() {
    let Some(Behind { gateway, nginx: _nginx }) = nginx().await else { return };
    let got = RawClient::connect(gateway.addr).await.get("/api/chunked").await;
    assert_eq!((got.text().as_str(), got.body.framing), ("before GET after", Framing::Chunked));
}

#[tokio::test]
async fn a_redirect_passes_and_a_dropped_connection_is_a_502() {
    let Some(Behind { gateway, nginx: _nginx }) = nginx().await else { return };
    let mut client = RawClient::connect(gateway.addr).await;
    let redirect = client.get("/api/old").await;
    assert_eq!((redirect.status(), redirect.header("location")), (301, Some("http://test/api/new")));
    let broken = client.get("/api/broken").await;
    assert_eq!(
        (broken.status(), broken.header("proxy-status")),
        (502, Some("gateway; error=connection_terminated"))
    );
}
