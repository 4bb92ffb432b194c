//! `Via`: an entry is appended in both directions, and a loop is detected by it.

use gateway::serve::bind;

use crate::support::gateway::TestGateway;
use crate::support::h2::H2Client;
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, Script};
use crate::support::relay::{Relay, configuration};

/// The entries without the comment, which differs from process to process.
fn entries<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let entries = lines.iter().flat_map(|line| line.split(','));
    entries.map(|entry| entry.split(" (").next().unwrap().trim()).collect()
}

#[tokio::test]
async fn appended_to_requests_and_responses_never_replaced() {
    let answer = Answer::new(200).header("Via", "1.0 inner").header("Via", "1.1 middle, 1.1 gateway");
    let relay = Relay::plain(move |_| Script::answer(answer.clone())).await;
    let exchange =
        relay.get_with(&["Via: 1.0 fred, 2 p.example", "via: 1.1 gateway (0123456789abcdef)"]).await;
    let sent = exchange.seen().headers.all("via");
    assert_eq!(entries(&sent), ["1.0 fred", "2 p.example", "1.1 gateway", "1.1 gateway"]);
    let received = exchange.response.headers().all("via");
    assert_eq!(received.join(", "), "1.0 inner, 1.1 middle, 1.1 gateway, 1.1 gateway");
}

#[tokio::test]
async fn the_version_is_the_one_received() {
    let relay = Relay::plain(|_| Script::ok("")).await;
    relay.exchange("GET /api/x HTTP/1.0\r\nHost: test\r\n\r\n").await;
    let over_h2 = H2Client::connect(relay.gateway.addr).await.get("/api/x").await;
    let seen = relay.upstream.requests();
    assert_eq!(entries(&seen[0].headers.all("via")), ["1.0 gateway"]);
    assert_eq!(entries(&seen[1].headers.all("via")), ["2 gateway"]);
    assert_eq!(over_h2.headers.get("via").unwrap(), "1.1 gateway");
}

#[tokio::test]
async fn an_answer_of_our_own_has_come_by_no_one() {
    let relay = Relay::plain(|_| Script::ok("")).await;
    let refused = relay.exchange(crate::support::relay::get("/api/../x", &[])).await;
    assert_eq!((refused.refused(), refused.response.header("via")), (400, None));
}

#[tokio::test]
async fn a_gateway_pointed_at_itself_says_so_after_one_round() {
    let listener = bind(([127, 0, 0, 1], 0).into()).unwrap();
    let addr = listener.local_addr().unwrap();
    let routes = "[routes.\"/\"]\npool = \"plain\"";
    let gateway = TestGateway::on(listener, &configuration("", addr, routes));
    for method in ["GET", "POST"] {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(format!("{method} /x HTTP/1.1\r\nHost: test\r\n\r\n")).await;
        let response = client.response().await;
        assert_eq!(response.status(), 508, "{method}");
        assert_eq!(response.header("proxy-status"), Some("gateway; error=proxy_loop_detected"));
        assert_eq!(entries(&response.headers().all("via")), ["1.1 gateway"], "one hop, no more");
    }
}
