//! Several pools of a route, over real sockets: shares, a fallback, a mirror.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use gateway::observe::metrics::Exposition;

use crate::support::ask::{Client, GET, POST, Protocol};
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::unreachable::Refusing;
use crate::support::within;

async fn answering(name: &'static str) -> RecordingUpstream {
    RecordingUpstream::start(move |_| Script::ok(name)).await
}

/// `/` with these keys, and pools with one upstream each.
fn routed(keys: &str, pools: &[(&str, String)]) -> TestGateway {
    TestGateway::start(&text(keys, pools))
}

fn text(keys: &str, pools: &[(&str, String)]) -> String {
    let mut config = format!("[routes.\"/\"]\n{keys}\n");
    for (name, url) in pools {
        write!(config, "[pools.{name}]\nupstreams = [\"{url}\"]\n").unwrap();
    }
    config
}

#[tokio::test]
async fn shares_are_as_the_weights_say() {
    let (blue, green) = (answering("blue").await, answering("green").await);
    let pools = [("blue", blue.url()), ("green", green.url()), ("red", "http://127.0.0.1:1".to_owned())];
    let gateway = routed("split = { blue = 4, green = 1, red = 0 }", &pools);
    let mut client = RawClient::connect(gateway.addr).await;
    for _ in 0..500 {
        assert_eq!(client.get("/").await.status(), 200);
    }
    let counted = green.requests().len();
    assert!((60..140).contains(&counted), "{counted} of 500");
    assert_eq!(blue.requests().len() + counted, 500);
}

#[tokio::test]
async fn a_browser_stays_with_its_share() {
    let (blue, green) = (answering("blue").await, answering("green").await);
    let keys = "split = { blue = 1, green = 1 }\nsplit_by = { cookie = \"share\" }";
    let gateway = routed(keys, &[("blue", blue.url()), ("green", green.url())]);
    let mut shares = BTreeSet::new();
    for _ in 0..20 {
        let mut client = RawClient::connect(gateway.addr).await;
        let first = client.get("/").await;
        let cookie = first.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        for _ in 0..3 {
            let request = format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n");
            let again = client.exchange(request.as_bytes(), "GET").await;
            assert_eq!((again.text(), again.header("set-cookie")), (first.text(), None));
        }
        shares.insert(first.text());
    }
    assert_eq!(shares.len(), 2, "both have some");
}

#[tokio::test]
async fn a_header_decides() {
    let (blue, green) = (answering("blue").await, answering("green").await);
    let keys = "split = { blue = 1, green = 1 }\nsplit_by = { header = \"x-user\" }";
    let gateway = routed(keys, &[("blue", blue.url()), ("green", green.url())]);
    let mut client = RawClient::connect(gateway.addr).await;
    let mut shares = BTreeSet::new();
    for user in 0..20 {
        let request = format!("GET / HTTP/1.1\r\nHost: a\r\nX-User: {user}\r\n\r\n");
        let answers = [(); 3].map(|()| request.clone().into_bytes());
        let mut texts = BTreeSet::new();
        for request in answers {
            texts.insert(client.exchange(&request, "GET").await.text());
        }
        assert_eq!(texts.len(), 1);
        shares.extend(texts);
    }
    assert_eq!(shares.len(), 2);
}

/// The whole request, whatever its method, and over both protocols.
#[tokio::test]
async fn a_pool_with_nobody_leaves_its_requests_to_the_fallback() {
    let dead = Refusing::new();
    for (protocol, shape) in [(Protocol::Http1, POST), (Protocol::Http2, POST), (Protocol::Http1, GET)] {
        let other = answering("other").await;
        let first = ("first", format!("http://{}", dead.addr));
        let gateway = routed("pool = \"first\"\nfallback = \"other\"", &[first, ("other", other.url())]);
        let mut client = Client::connect(protocol, gateway.addr).await;
        let answer = client.ask(shape, "/x?y").await.unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (200, "other"), "{protocol:?} {shape:?}");
        let request = other.wait_for(1).await.remove(0);
        assert_eq!((request.target.as_str(), &*request.body.bytes), ("/x?y", shape.text().as_bytes()));
    }
}

/// A retry of what was never sent is no reason to keep it.
#[tokio::test]
async fn what_three_upstreams_refuse_goes_to_the_fallback_with_retries_too() {
    let (dead, other) = ([(); 3].map(|()| Refusing::new()), answering("other").await);
    let urls: Vec<_> = dead.iter().map(|dead| format!("http://{}", dead.addr)).collect();
    let config = format!(
        "[routes.\"/\"]\npool = \"first\"\nfallback = \"other\"\n[pools.other]\nupstreams = [\"{}\"]\n\
         [pools.first]\nupstreams = {urls:?}\nretries = {{ attempts = 1 }}\n",
        other.url()
    );
    let gateway = TestGateway::start(&config);
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(client.get("/").await.text(), "other");
}

/// With more load, the other pool would be overloaded next.
#[tokio::test]
async fn want_of_a_connection_is_no_reason_for_the_fallback() {
    let (first, other) = (RecordingUpstream::start(|_| Script::silence()).await, answering("other").await);
    let config = format!(
        "[routes.\"/\"]\npool = \"first\"\nfallback = \"other\"\n[pools.other]\nupstreams = [\"{}\"]\n\
         [pools.first]\nupstreams = [\"{}\"]\nconnections = {{ max = 1, queue = {{ size = 0 }} }}\n",
        other.url(),
        first.url()
    );
    let gateway = TestGateway::start(&config);
    let mut waits = RawClient::connect(gateway.addr).await;
    waits.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    first.wait_for(1).await;
    let refused = Client::connect(Protocol::Http1, gateway.addr).await.ask(GET, "/").await.unwrap();
    refused.assert_own_error("GET", 503, "connection_limit_reached", "no connection is free");
    assert!(other.requests().is_empty());
}

/// Without a fallback, ejected upstreams are a last resort.
#[tokio::test]
async fn ejected_upstreams_are_left_alone() {
    let (first, other) = (RecordingUpstream::start(|_| Script::status(503)).await, answering("other").await);
    let keys = "pool = \"first\"\nfallback = \"other\"";
    let outliers = "\n[pools.first.outliers]\nconsecutive = 1\nmax_ejected = 100";
    let config = format!(
        "[routes.\"/\"]\n{keys}\n[pools.other]\nupstreams = [\"{}\"]\n[pools.first]\nupstreams = [\"{}\"]{outliers}\n",
        other.url(),
        first.url()
    );
    let gateway = TestGateway::start(&config);
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(client.get("/").await.status(), 503, "it was sent, and this is the answer");
    assert_eq!(client.get("/").await.text(), "other");
    assert_eq!(first.requests().len(), 1);
}

#[tokio::test]
async fn a_mirror_gets_a_copy_that_nobody_waits_for() {
    let main = answering("main").await;
    let shadow = RecordingUpstream::start(|_| Script::silence()).await;
    let keys = "pool = \"main\"\nmirror.pool = \"shadow\"";
    let gateway = routed(keys, &[("main", main.url()), ("shadow", shadow.url())]);
    let mut client = RawClient::connect(gateway.addr).await;
    client.send("POST /x?y HTTP/1.1\r\nHost: a\r\nX-Gateway-Mirror: 1\r\nX-Admin-Token: t\r\nContent-Length: 3\r\n\r\nabc").await;
    assert_eq!(client.response_to("POST").await.text(), "main");
    let copy = shadow.wait_for(1).await.remove(0);
    assert_eq!(
        (copy.method.as_str(), copy.target.as_str(), &*copy.body.bytes),
        ("POST", "/x?y", &b"abc"[..])
    );
    assert_eq!(
        (copy.headers.one("x-gateway-mirror"), copy.headers.one("x-admin-token")),
        (Some("true"), None)
    );
    let request = main.requests().remove(0);
    assert_eq!(request.headers.one("x-gateway-mirror"), None);
    for name in ["x-request-id", "x-forwarded-for", "host"] {
        let (of_copy, of_request) = (copy.headers.one(name), request.headers.one(name));
        assert!(of_copy.is_some() && (name == "host" || of_copy == of_request), "{name}: {of_copy:?}");
    }
}

/// A copy ends with the shutdown at the latest, also in a program that goes on.
#[tokio::test]
async fn no_copy_outlives_a_shutdown() {
    let (main, shadow) = (answering("main").await, RecordingUpstream::start(|_| Script::silence()).await);
    let keys =
        "pool = \"main\"\nmirror = { pool = \"shadow\", timeout = \"1h\" }\n[timeouts]\nshutdown = \"300ms\"";
    let gateway = routed(keys, &[("main", main.url()), ("shadow", shadow.url())]);
    assert_eq!(RawClient::connect(gateway.addr).await.get("/").await.text(), "main");
    shadow.wait_for(1).await;
    gateway.shutdown.begin();
    gateway.ended().await;
    shadow.next_closed().await;
}

#[tokio::test]
async fn what_became_of_copies_is_counted() {
    let (main, shadow) = (answering("main").await, answering("shadow").await);
    let keys = "pool = \"main\"\nmirror = { pool = \"shadow\", max_body = 2 }";
    let gateway = routed(keys, &[("main", main.url()), ("shadow", shadow.url())]);
    let mut client = RawClient::connect(gateway.addr).await;
    client.get("/").await;
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").await;
    client.response_to("POST").await;
    let counted =
        |result: &str| format!("gateway_mirrored_requests_total{{route=\"/\",result=\"{result}\"}} 1\n");
    within("the copies to be counted", async {
        loop {
            let metrics = gateway.handle.metrics(Exposition::OpenMetrics);
            if ["answered", "too_long"].iter().all(|result| metrics.contains(&counted(result))) {
                return;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(shadow.requests().len(), 1);
}

#[tokio::test]
async fn a_reload_makes_no_room_for_more_copies() {
    let (main, shadow) = (answering("main").await, RecordingUpstream::start(|_| Script::silence()).await);
    let keys = "pool = \"main\"\nmirror = { pool = \"shadow\", max_in_flight = 1 }";
    let pools = [("main", main.url()), ("shadow", shadow.url())];
    let gateway = routed(keys, &pools);
    let mut client = RawClient::connect(gateway.addr).await;
    client.get("/").await;
    shadow.wait_for(1).await;
    gateway.apply(&text(&format!("{keys}\nmax_body = 10"), &pools)).await.unwrap();
    client.get("/").await;
    let metrics = gateway.handle.metrics(Exposition::OpenMetrics);
    assert!(
        metrics.contains("gateway_mirrored_requests_total{route=\"/\",result=\"full\"} 1\n"),
        "{metrics}"
    );
}
