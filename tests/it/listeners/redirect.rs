//! Listeners that redirect.

use super::Gateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

#[tokio::test]
async fn every_request_is_redirected_and_none_forwarded() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let listen = r#"["127.0.0.1:0", { address = "127.0.0.1:0", redirect = "https" },
        { address = "127.0.0.1:0", redirect = "https:8443" }]"#;
    let gateway = Gateway::start(listen, &upstream);
    for (number, location) in
        [(1, "https://example.com/api/x?y=%2f"), (2, "https://example.com:8443/api/x?y=%2f")]
    {
        let mut client = RawClient::connect(gateway.ip(number)).await;
        for request in [
            "GET /api/x?y=%2f HTTP/1.1\r\nHost: example.com\r\n\r\n",
            "GET /api/x?y=%2f HTTP/1.1\r\nHost: example.com:80\r\n\r\n",
            "POST /api/x?y=%2f HTTP/1.1\r\nHost: example.com\r\nContent-Length: 4\r\n\r\nbody",
        ] {
            client.send(request).await;
            let answer = client.response().await;
            assert_eq!((answer.status(), answer.header("location")), (308, Some(location)), "{request}");
        }
    }
    assert!(upstream.requests().is_empty());
    assert_eq!(RawClient::connect(gateway.ip(0)).await.get("/api/x").await.status(), 200);
}

#[tokio::test]
async fn a_request_without_a_host_that_can_be_trusted_is_refused() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let gateway = Gateway::start(r#"[{ address = "127.0.0.1:0", redirect = "https" }]"#, &upstream);
    for request in [
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
    ] {
        let mut client = RawClient::connect(gateway.ip(0)).await;
        client.send(request).await;
        let answer = client.response().await;
        assert_eq!((answer.status(), answer.header("location")), (400, None), "{request}");
    }
}
