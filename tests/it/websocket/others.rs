//! Protocols other than WebSocket, if a route lists them: with any method, and with the body that their clients send.

use super::{ByHand, read_head};
use crate::support::raw::{Closed, RawClient};
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::sole::Sole;

/// As `docker exec` sends it.
const EXEC: &str = "POST /v1.45/exec/f00/start HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
                    Content-Length: 29\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n\
                    {\"Detach\":false,\"Tty\":false}\n";

fn switched_to(protocol: &str) -> String {
    format!(
        "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n\
         Connection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n"
    )
}

fn sole(by_hand: &ByHand) -> Sole {
    Sole::new(by_hand.addr()).route("upgrade = [\"websocket\", \"tcp\", \"SPDY/3.1\"]")
}

/// Each side sends its last bytes to the other; only then the tunnel is over.
async fn talk(mut client: RawClient, mut upstream: RawClient) {
    client.send("stdin").await;
    assert_eq!(upstream.bytes(5).await, b"stdin");
    upstream.send("stdout").await;
    assert_eq!(client.bytes(6).await, b"stdout");
    client.send("end of stdin").await;
    client.finish().await;
    assert_eq!(upstream.rest().await, (b"end of stdin".to_vec(), Closed::Fin));
    upstream.send("end of stdout").await;
    upstream.finish().await;
    assert_eq!(client.rest().await, (b"end of stdout".to_vec(), Closed::Fin));
}

#[tokio::test]
async fn a_body_of_known_length_goes_before_the_tunnel() {
    let by_hand = ByHand::listen().await;
    let gateway = sole(&by_hand).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(EXEC).await;
    let mut upstream = by_hand.accept().await;
    let head = read_head(&mut upstream).await.to_lowercase();
    for line in ["content-length: 29\r\n", "connection: upgrade\r\n", "upgrade: tcp\r\n"] {
        assert!(head.contains(line), "{line:?} in {head}");
    }
    assert_eq!(upstream.bytes(29).await, EXEC.split_once("\r\n\r\n").unwrap().1.as_bytes());
    upstream.send(switched_to("tcp") + "already").await;
    let answer = client.response_head("POST").await;
    assert_eq!((answer.status(), answer.header("upgrade")), (101, Some("tcp")));
    assert_eq!(answer.header("content-type"), Some("application/vnd.docker.raw-stream"));
    assert_eq!(client.bytes(7).await, b"already");
    talk(client, upstream).await;
}

/// An upstream need not have read the body to accept the upgrade.
#[tokio::test]
async fn what_is_left_of_a_body_goes_on_behind_the_101() {
    let by_hand = ByHand::listen().await;
    let gateway = sole(&by_hand).start();
    let mut client = RawClient::connect(gateway.addr).await;
    let head = "POST /api/v1/namespaces/a/pods/b/exec HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\
                Connection: upgrade\r\nUpgrade: spdy/3.1\r\n\r\n5\r\nfirst\r\n";
    client.send(head).await;
    let mut upstream = by_hand.accept().await;
    read_head(&mut upstream).await;
    assert_eq!(upstream.bytes(10).await, b"5\r\nfirst\r\n");
    upstream.send(switched_to("SPDY/3.1")).await;
    assert_eq!(client.response_head("POST").await.status(), 101);
    client.send("4\r\nlast\r\n0\r\n\r\n").await;
    assert_eq!(upstream.bytes(14).await, b"4\r\nlast\r\n0\r\n\r\n");
    talk(client, upstream).await;
}

#[tokio::test]
async fn without_a_body_and_by_any_method() {
    for method in ["GET", "POST", "PUT", "X"] {
        let by_hand = ByHand::listen().await;
        let gateway = sole(&by_hand).start();
        let mut client = RawClient::connect(gateway.addr).await;
        let fields = "Host: test\r\nConnection: Upgrade\r\nUpgrade: TCP\r\n";
        client.send(format!("{method} /attach HTTP/1.1\r\n{fields}\r\n")).await;
        let mut upstream = by_hand.accept().await;
        read_head(&mut upstream).await;
        upstream.send(switched_to("tcp")).await;
        assert_eq!(client.response_head(method).await.status(), 101, "{method}");
        talk(client, upstream).await;
    }
}

/// If it is refused, it is a request like any other, and so is what follows it.
#[tokio::test]
async fn a_refusal_passes_as_it_is() {
    let upstream = RecordingUpstream::start(|request| Script::ok(request.target.clone())).await;
    let gateway = Sole::new(upstream.addr()).route("upgrade = [\"tcp\"]").start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(format!("{EXEC}GET /gated/secret HTTP/1.1\r\nHost: test\r\n\r\n")).await;
    assert_eq!(client.response().await.text(), "/v1.45/exec/f00/start");
    assert_eq!(client.response().await.status(), 401);
    assert_eq!(client.get("/after").await.text(), "/after");
    upstream.assert_clean();
}

#[tokio::test]
async fn what_a_route_does_not_list_is_no_upgrade_there() {
    let upstream = RecordingUpstream::start(|_| Script::ok("plain")).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(EXEC).await;
    assert_eq!(client.response().await.text(), "plain");
    let seen = upstream.requests().pop().unwrap();
    assert!(!seen.headers.has("upgrade") && !seen.headers.has("connection"), "{:?}", seen.head);
    upstream.assert_clean();
}
