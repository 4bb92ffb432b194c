//! Upgrades to protocols that the gateway does not pass on: the fields are removed, and the request is forwarded as a
//! plain one.

use super::upgrade_to;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordedRequest, RecordingUpstream, Script};
use crate::support::sole::Sole;

const HOP_BY_HOP: [&str; 3] = ["connection", "upgrade", "http2-settings"];

fn is_plain(request: &RecordedRequest) -> bool {
    !HOP_BY_HOP.iter().any(|name| request.headers.has(name))
}

#[tokio::test]
async fn what_is_not_in_the_list_is_forwarded_as_a_plain_request() {
    let upstream = RecordingUpstream::start(|_| Script::ok("plain")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let websocket = upgrade_to("websocket", "/x");
    let h2c = upgrade_to("h2c", "/x")
        .replace("Upgrade\r\n", "Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n");
    let requests = [
        h2c,
        upgrade_to("foo", "/x"),
        upgrade_to("websocket, h2c", "/x"),
        upgrade_to("h2c, websocket", "/x"),
        upgrade_to("websocket/13", "/x"),
        upgrade_to("TLS/1.0", "/x"),
        websocket.replace("Upgrade: websocket", "Upgrade: websocket\r\nUpgrade: h2c"),
        // An `Upgrade` that `Connection` doesn't name is none (RFC 9110, 7.8).
        websocket.replace("keep-alive, Upgrade", "keep-alive"),
        websocket.replace("Upgrade: websocket\r\n", ""),
        websocket.replace("GET", "POST").replace("\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n"),
        websocket.replace("GET", "DELETE"),
    ];
    let count = requests.len();
    let mut client = RawClient::connect(gateway.addr).await;
    for request in requests {
        client.send(&request).await;
        let answer = client.response().await;
        assert_eq!((answer.status(), answer.text().as_str()), (200, "plain"), "{request:?}");
        let seen = upstream.requests().pop().unwrap();
        assert!(is_plain(&seen), "{request:?} became {:?}", seen.head);
    }
    assert_eq!(upstream.requests().len(), count);
    upstream.assert_clean();
}

/// An upstream that switches protocols although the upgrade was removed: the client gets 502, and no tunnel.
#[tokio::test]
async fn no_upstream_can_force_a_tunnel() {
    let upstream = RecordingUpstream::start(|_| Script::upgrade("h2c", b"")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(upgrade_to("h2c", "/x")).await;
    assert_eq!(client.response().await.status(), 502);
    upstream.next_closed().await;
    assert_eq!(upstream.connections()[0].tunnelled, b"");
}

#[tokio::test]
async fn http1_0_cannot_upgrade() {
    let upstream = RecordingUpstream::start(|_| Script::ok("plain")).await;
    let gateway = Sole::new(upstream.addr()).start();
    for protocol in ["websocket", "h2c"] {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(upgrade_to(protocol, "/x").replace("HTTP/1.1", "HTTP/1.0")).await;
        assert_eq!(client.response().await.text(), "plain");
        let seen = upstream.requests().pop().unwrap();
        assert!(is_plain(&seen), "{:?}", seen.head);
    }
}

#[tokio::test]
async fn an_empty_list_turns_it_off() {
    let upstream = RecordingUpstream::start(|_| Script::ok("plain")).await;
    let gateway = Sole::new(upstream.addr()).route("upgrade = []").start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(upgrade_to("websocket", "/x")).await;
    assert_eq!(client.response().await.text(), "plain");
    assert!(is_plain(&upstream.requests()[0]));
    // The other route still has the default.
    client
        .send(upgrade_to("websocket", "/gated/x").replace("\r\n\r\n", "\r\nX-Admin-Token: letmein\r\n\r\n"))
        .await;
    assert_eq!(client.response().await.text(), "plain");
    assert_eq!(upstream.requests()[1].headers.one("upgrade"), Some("websocket"));
}

/// HTTP/2 has no Upgrade (RFC 9113, 8.2.2): such a request is malformed and reaches no upstream.
#[tokio::test]
async fn http2_cannot_upgrade() {
    use crate::support::h2;
    let upstream = RecordingUpstream::start(|_| Script::ok("plain")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = h2::H2Client::connect(gateway.addr).await;
    assert_eq!(client.get("/x").await.body, b"plain");
    assert!(is_plain(&upstream.requests()[0]));
}
