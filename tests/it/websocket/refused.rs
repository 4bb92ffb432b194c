//! An upgrade that the upstream does not accept: its answer is passed on as it is, nothing is tunnelled, the client's
//! next bytes are a request like any other, and the connection to the upstream is never used again.

use std::sync::Arc;

use tokio::sync::Notify;

use super::{ByHand, SWITCHED, upgrade_to};
use crate::support::gateway::TestGateway;
use crate::support::h2::{self, H2Client};
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordedRequest, RecordingUpstream, Script, Step};
use crate::support::sole::Sole;

/// `/ws/STATUS` refuses with that status, `/ws/hang` does not answer, everything else is answered with its own path.
fn script(request: &RecordedRequest) -> Script {
    match request.target.strip_prefix("/ws/") {
        Some("hang") => Script::silence(),
        Some(status) => {
            let answer = Answer::new(status.parse().unwrap()).header("X-Own", "yes").body("refused");
            Script::answer(answer)
        }
        None => Script::ok(request.target.clone()),
    }
}

#[tokio::test]
async fn the_answer_passes_as_it_is() {
    let upstream = RecordingUpstream::start(script).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    for status in [200, 400, 403, 426, 500] {
        client.send(upgrade_to("websocket", &format!("/ws/{status}"))).await;
        let answer = client.response().await;
        assert_eq!((answer.status(), answer.text().as_str()), (status, "refused"));
        assert_eq!(answer.header("x-own"), Some("yes"));
        assert!(!answer.headers().has("upgrade"));
    }
    // The same client connection is still HTTP.
    assert_eq!(client.get("/after").await.text(), "/after");
    upstream.assert_clean();
}

/// RFC 9110 section 15.5.22. What the route doesn't allow isn't offered.
#[tokio::test]
async fn a_426_names_the_protocols() {
    for (named, allowed, expected) in [
        ("Upgrade: websocket, h2c\r\nConnection: upgrade\r\n", "", Some("websocket")),
        (
            "Upgrade: tcp\r\nUpgrade: WebSocket\r\n",
            "upgrade = [\"websocket\", \"tcp\"]",
            Some("tcp, WebSocket"),
        ),
        ("Upgrade: h2c, TLS/1.0\r\nConnection: upgrade\r\n", "", None),
        ("", "", None),
    ] {
        let answer = format!("HTTP/1.1 426 Upgrade Required\r\n{named}Content-Length: 0\r\n\r\n");
        let upstream = RecordingUpstream::start(move |_| Script::raw(answer.clone())).await;
        let gateway = Sole::new(upstream.addr()).route(allowed).start();
        let answer = RawClient::connect(gateway.addr).await.get("/x").await;
        assert_eq!((answer.status(), answer.header("upgrade")), (426, expected), "{named}");
        assert_eq!(answer.header("connection"), expected.map(|_| "upgrade"), "{named}");
        let mut client = H2Client::connect(gateway.addr).await;
        let request = http::Request::get("http://test/x").body(h2::empty()).unwrap();
        let answer = client.send(request).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers().get("upgrade")), (426, None), "{named}");
    }
}

/// What follows a refused upgrade is a request, not a stream: it goes through the router and the gate.
#[tokio::test]
async fn what_was_pipelined_behind_it_enters_the_router_again() {
    let upstream = RecordingUpstream::start(script).await;
    let gateway = Sole::new(upstream.addr()).start();
    for status in [200, 400] {
        let mut client = RawClient::connect(gateway.addr).await;
        let behind =
            "GET /gated/secret HTTP/1.1\r\nHost: test\r\n\r\nGET /next HTTP/1.1\r\nHost: test\r\n\r\n";
        client.send(upgrade_to("websocket", &format!("/ws/{status}")) + behind).await;
        assert_eq!(client.response().await.status(), status);
        assert_eq!(client.response().await.status(), 401);
        assert_eq!(client.response().await.text(), "/next");
    }
    upstream.assert_clean();
    let targets: Vec<String> = upstream.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["/ws/200", "/next", "/ws/400", "/next"]);
}

#[tokio::test]
async fn an_upstream_that_hangs_is_a_504_and_gets_nothing_more() {
    let upstream = RecordingUpstream::start(script).await;
    let gateway = Sole::new(upstream.addr()).timeout("response_head = \"200ms\"").start();
    let mut client = RawClient::connect(gateway.addr).await;
    let behind = "GET /gated/secret HTTP/1.1\r\nHost: test\r\n\r\n";
    client.send(upgrade_to("websocket", "/ws/hang") + behind).await;
    assert_eq!(client.response().await.status(), 504);
    // The upstream goes on reading here: another byte would have been a violation.
    upstream.next_closed().await;
    upstream.assert_clean();
    assert_eq!(upstream.requests().len(), 1);
    assert_eq!(client.response().await.status(), 401);
}

/// The upstream keeps the refused connection open and would take more requests on it; none comes.
#[tokio::test]
async fn the_connection_is_never_used_again() {
    const VICTIMS: usize = 200;
    let upstream = RecordingUpstream::start(script).await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut victim = RawClient::connect(gateway.addr).await;
    for number in 0..VICTIMS {
        if number % 10 == 0 {
            let mut client = RawClient::connect(gateway.addr).await;
            let status = if number % 20 == 0 { 200 } else { 400 };
            client.send(upgrade_to("websocket", &format!("/ws/{status}"))).await;
            assert_eq!(client.response().await.status(), status);
        }
        let path = format!("/victim/{number}");
        assert_eq!(victim.get(&path).await.text(), path);
    }
    let requests = upstream.requests();
    let connections = upstream.connections();
    let upgrades: Vec<_> = requests.iter().filter(|request| request.target.starts_with("/ws/")).collect();
    assert_eq!((upgrades.len(), requests.len()), (VICTIMS / 10, VICTIMS + VICTIMS / 10));
    for upgrade in upgrades {
        assert_eq!(connections[upgrade.connection].requests, 1, "{upgrade:?}");
    }
    upstream.assert_clean();
}

/// An answer that never ends, with bytes of the client behind the request: still no tunnel.
#[tokio::test]
async fn nothing_is_tunnelled_while_the_refusal_is_under_way() {
    let signal = Arc::new(Notify::new());
    let told = Arc::clone(&signal);
    let upstream = RecordingUpstream::start(move |_| {
        Script::default()
            .then(Step::Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".into()))
            .then(Step::AwaitSignal(Arc::clone(&told)))
            .then(Step::Send("world".into()))
    })
    .await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(upgrade_to("websocket", "/slow")).await;
    let mut response = client.response_head("GET").await;
    client.until(&mut response, "hello").await;
    client.send("raw bytes for the upstream\r\n\r\n").await;
    signal.notify_one();
    while client.piece(&mut response).await.is_some() {}
    assert_eq!(response.text(), "helloworld");
    // They were no request either.
    assert_eq!(client.response().await.status(), 400);
    upstream.next_closed().await;
    upstream.assert_clean();
}

/// A 101 to something that was not asked for is a fault of the upstream: 502, and its connection is closed.
#[tokio::test]
async fn a_mismatching_101_is_a_502() {
    let asked_for_nothing = "GET /ws HTTP/1.1\r\nHost: test\r\n\r\n".to_owned();
    let asked = upgrade_to("websocket", "/ws");
    let table = [
        (&asked, SWITCHED.replace("websocket", "foo"), "another protocol"),
        (&asked, SWITCHED.replace("websocket", "websocket, foo"), "two protocols"),
        (&asked, SWITCHED.replace("Upgrade: websocket\r\n", ""), "no protocol"),
        (&asked, SWITCHED.replace("Connection: Upgrade\r\n", ""), "not in Connection"),
        (&asked_for_nothing, SWITCHED.to_owned(), "not asked for"),
    ];
    for (request, answer, what) in table {
        let by_hand = ByHand::listen().await;
        let gateway: TestGateway = Sole::new(by_hand.addr()).start();
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(request).await;
        let mut upstream = by_hand.accept().await;
        super::read_head(&mut upstream).await;
        upstream.send(answer + "words of the tunnel").await;
        let response = client.response().await;
        assert_eq!(response.status(), 502, "{what}");
        let proxy_status = response.header("proxy-status").unwrap_or_default();
        assert!(
            proxy_status.contains("error=http_upgrade_failed") || what == "not asked for",
            "{what}: {proxy_status}"
        );
        assert_eq!(response.text(), "Bad Gateway\n", "{what}");
        client.try_send("raw bytes for the upstream\r\n\r\n").await.unwrap();
        assert_eq!(upstream.rest().await.0, b"", "{what}");
    }
}

/// An upgrade with a body could smuggle it past a parser that thinks that the tunnel has begun.
#[tokio::test]
async fn an_upgrade_with_a_body_is_a_400() {
    let upstream = RecordingUpstream::start(script).await;
    let gateway = Sole::new(upstream.addr()).start();
    let bodies =
        ["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"];
    for body in bodies {
        let mut client = RawClient::connect(gateway.addr).await;
        let head = upgrade_to("websocket", "/ws/200");
        let evil = "GET /evil HTTP/1.1\r\nHost: test\r\n\r\n";
        client.send(format!("{}{body}{evil}", head.strip_suffix("\r\n").unwrap())).await;
        let answer = client.response().await;
        assert_eq!((answer.status(), answer.header("connection")), (400, Some("close")), "{body:?}");
        client.expect_close().await;
    }
    let mut client = RawClient::connect(gateway.addr).await;
    client
        .send(upgrade_to("websocket", "/ws/200").replace("\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n"))
        .await;
    assert_eq!(client.response().await.status(), 200, "no body is no body");
    assert_eq!(upstream.requests().len(), 1);
}
