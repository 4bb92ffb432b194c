//! `rate_limit`: what comes too often is answered with 429, and everyone is told how much is left.

use std::net::IpAddr;

use gateway::config::Config;
use gateway::explain::{Known, Question, explain};

use crate::support::ask::{Client, GET, Protocol};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::sole::{Sole, demo_backend};

/// Two at once, and one more an hour.
const TWO: &str = "rate_limit = { requests = 1, per = \"1h\", burst = 2 }";

async fn statuses(client: &mut RawClient, path: &str, times: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..times {
        statuses.push(client.get(path).await.status());
    }
    statuses
}

#[tokio::test]
async fn over_either_protocol_the_burst_passes_and_the_rest_is_told_when() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let gateway = Sole::new(upstream.addr()).route(TWO).start();
        let mut client = Client::connect(protocol, gateway.addr).await;
        for left in ["\"client\";r=1;t=3600", "\"client\";r=0;t=3600"] {
            let answer = client.ask(GET, "/x").await.unwrap();
            assert_eq!((answer.status, answer.field("ratelimit")), (200, Some(left)));
            assert_eq!(answer.field("ratelimit-policy"), Some("\"client\";q=1;w=3600"));
        }
        let answer = client.ask(GET, "/x").await.unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (429, "Too Many Requests\n"));
        assert_eq!(answer.field("proxy-status"), Some("gateway; error=http_request_denied"));
        let after: u64 = answer.field("retry-after").unwrap().parse().unwrap();
        assert!((3590..=3600).contains(&after), "{after}");
        assert_eq!(answer.field("ratelimit"), Some(&*format!("\"client\";r=0;t={after}")));
    }
    assert_eq!(upstream.requests().len(), 4, "what is refused reaches no upstream");
}

#[tokio::test]
async fn each_client_has_its_own_and_a_proxy_that_is_trusted_says_who_it_is() {
    let upstream = demo_backend();
    let gateway = Sole::new(upstream).line("trusted_proxies = [\"127.0.0.3\"]").route(TWO).start();
    for from in ["127.0.0.1", "127.0.0.2"] {
        let from: IpAddr = from.parse().unwrap();
        let mut client = RawClient::connect_from(from, gateway.addr).await;
        assert_eq!(statuses(&mut client, "/x", 3).await, [200, 200, 429], "{from}");
    }
    let mut proxy = RawClient::connect_from("127.0.0.3".parse().unwrap(), gateway.addr).await;
    for (client, status) in [
        ("192.0.2.1", 200),
        ("2001:db8::1", 200),
        ("2001:db8::2", 200),
        ("2001:db8::3", 429),
        ("192.0.2.1", 200),
    ] {
        let request = format!("GET /x HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: {client}\r\n\r\n");
        assert_eq!(proxy.exchange(request.as_bytes(), "GET").await.status(), status, "{client}");
    }
}

#[tokio::test]
async fn a_field_or_a_cookie_may_be_the_key() {
    let upstream = demo_backend();
    for (key, one, other) in
        [("header:x-key", "X-Key: a", "X-Key: b"), ("cookie:id", "Cookie: x=1; id=a", "Cookie: id=b")]
    {
        let limit = format!("rate_limit = {{ requests = 1, per = \"1h\", key = \"{key}\" }}");
        let gateway = Sole::new(upstream).route(&limit).start();
        let mut client = RawClient::connect(gateway.addr).await;
        for (line, status) in
            [(one, 200), (one, 429), (other, 200), ("X-None: 1", 200), ("X-None: 2", 429), (other, 429)]
        {
            let request = format!("GET /x HTTP/1.1\r\nHost: test\r\n{line}\r\n\r\n");
            assert_eq!(client.exchange(request.as_bytes(), "GET").await.status(), status, "{key}: {line}");
        }
    }
}

/// Behind the gate: who has no token is not counted, and two tokens are two users.
#[tokio::test]
async fn a_token_may_be_the_key() {
    let upstream = demo_backend();
    let gateway = Sole::new(upstream)
        .route("rate_limit = { requests = 1, per = \"1h\", key = \"token\" }")
        .route("admin_tokens = [{ token = \"for-ann\", label = \"ann\" }, { token = \"for-bob\", label = \"bob\" }]")
        .start();
    let mut client = RawClient::connect(gateway.addr).await;
    for (token, status) in [
        ("wrong", 403),
        ("for-ann", 200),
        ("for-ann", 429),
        ("for-bob", 200),
        ("wrong", 403),
        ("for-bob", 429),
    ] {
        let request = format!("GET /x HTTP/1.1\r\nHost: test\r\nX-Admin-Token: {token}\r\n\r\n");
        assert_eq!(client.exchange(request.as_bytes(), "GET").await.status(), status, "{token}");
    }
}

#[tokio::test]
async fn a_reload_forgets_nothing_but_what_it_changes() {
    let upstream = demo_backend();
    let sole = Sole::new(upstream).route(TWO);
    let gateway = sole.start();
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(statuses(&mut client, "/x", 2).await, [200, 200]);
    let applied = gateway.apply(&Sole::new(upstream).route(TWO).timeout("request = \"9s\"").config()).await;
    applied.unwrap();
    assert_eq!(statuses(&mut client, "/x", 1).await, [429]);
    let other = TWO.replace("burst = 2", "burst = 3");
    gateway.apply(&Sole::new(upstream).route(&other).config()).await.unwrap();
    assert_eq!(statuses(&mut client, "/x", 4).await, [200, 200, 200, 429]);
}

/// What `explain` asks isn't counted, and isn't refused either.
#[tokio::test]
async fn a_rehearsal_counts_nothing() {
    let sole = Sole::new(demo_backend()).route(TWO);
    let text = format!("listen = \"127.0.0.1:1\"\n{}", sole.config());
    let config = Config::parse("test.toml", text, |_| None).unwrap();
    for _ in 0..4 {
        let explanation = explain(&config, &Question::new("GET", "/x").unwrap(), &Known::default()).await;
        let explanation = explanation.unwrap();
        assert!(explanation.sends.is_some(), "{explanation}");
    }
}

#[tokio::test]
async fn what_is_refused_is_counted_for_prometheus() {
    use gateway::observe::metrics::Exposition;
    let gateway = Sole::new(demo_backend()).route(TWO).start();
    let mut client = RawClient::connect(gateway.addr).await;
    statuses(&mut client, "/x", 5).await;
    let metrics = gateway.handle.metrics(Exposition::Plain);
    let line = "gateway_rate_limit_refused_total{route=\"/\",limit=\"client\"} 3";
    assert!(metrics.contains(line), "{metrics}");
}
