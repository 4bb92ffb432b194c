//! What a new configuration doesn't change stays as it is.

use super::over;
use crate::support::gateway::TestGateway;
use crate::support::operator::lines;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

#[tokio::test]
async fn a_pool_keeps_its_connections_counters_and_health() {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let sick = RecordingUpstream::start(|_| Script::status(502)).await;
    let rules = "outliers = { consecutive = 1 }\nfailover = 0";
    let base = over(&[upstream.addr()], "")
        + &format!("[pools.sick]\nupstreams = [\"{}\", \"http://127.0.0.1:1\"]\n{rules}\n", sick.url())
        + "[routes.\"/sick\"]\npool = \"sick\"\n";
    let gateway = TestGateway::start(&base);
    let mut client = RawClient::connect(gateway.addr).await;
    for path in ["/api/x", "/sick/x", "/sick/x"] {
        client.get(path).await;
    }
    let before = lines(&gateway.handle).await;
    assert!(before[0].contains("1 requests") && before[1].contains("ejected"), "{before:#?}");

    let applied = gateway.apply(&format!("{base}[routes.\"/more\"]\npool = \"api\"\n")).await.unwrap();
    assert_eq!(applied.pools.to_string(), "(2 kept)");
    assert_eq!(lines(&gateway.handle).await, before);
    assert_eq!(client.get("/more/x").await.status(), 200);
    assert_eq!(upstream.connections().len(), 1, "the connection is used again");
}

#[tokio::test]
async fn a_service_of_the_program_stays() {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let own = axum::Router::new().fallback(async || "my own\n");
    let gateway =
        TestGateway::start_with(&over(&[upstream.addr()], ""), |gateway| gateway.nest_service("/own", own));
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(client.get("/own/x").await.text(), "my own\n");
    gateway.apply(&over(&[upstream.addr()], "pages = false")).await.unwrap();
    assert_eq!(client.get("/own/x").await.text(), "my own\n");

    let taken = over(&[upstream.addr()], "").replace("/api", "/own");
    let error = gateway.apply(&taken).await.unwrap_err();
    assert!(error.to_string().starts_with("/own is taken by a service"), "{error}");
    assert_eq!(client.get("/own/x").await.text(), "my own\n");
}

#[tokio::test]
async fn wrong_tries_are_counted_on() {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let gated = over(&[upstream.addr()], "") + "admin_tokens = [\"letmein-for-this-test\"]\n";
    let gateway = TestGateway::start(&gated);
    let mut client = RawClient::connect(gateway.addr).await;
    let mut last = 0;
    for number in 0..40 {
        client.send("GET /api/x HTTP/1.1\r\nHost: test\r\nX-Admin-Token: wrong\r\n\r\n").await;
        last = client.response().await.status();
        gateway.apply(&format!("{gated}[routes.\"/{number}\"]\npool = \"api\"\nadmin_tokens = [\"another-token-of-this-test\"]\n")).await.unwrap();
    }
    assert_eq!(last, 429, "a reload must not give anybody more tries");
}

#[tokio::test]
async fn the_same_once_more_changes_nothing() {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let text = over(&[upstream.addr()], "");
    let gateway = TestGateway::start(&text);
    let applied = gateway.apply(&text).await.unwrap();
    assert!(applied.is_empty(), "{applied}");
    assert_eq!(applied.to_string(), "generation 1: nothing changed");
}

#[tokio::test]
async fn upstreams_that_stay_keep_everything() {
    let [one, two, three] = [upstream().await, upstream().await, upstream().await];
    let gateway = TestGateway::start(&over(&[one.addr(), two.addr()], ""));
    let mut client = RawClient::connect(gateway.addr).await;
    for _ in 0..4 {
        client.get("/api/x").await;
    }
    let applied = gateway.apply(&over(&[two.addr(), three.addr()], "")).await.unwrap();
    let (gone, new) = (one.url(), three.url());
    assert_eq!(applied.upstreams.to_string(), format!("+api:{new} -api:{gone} (1 kept)"));
    for _ in 0..4 {
        client.get("/api/x").await;
    }
    let lines = lines(&gateway.handle).await;
    assert!(lines[0].starts_with(&two.url()) && lines[0].contains(" 4 requests"), "{lines:#?}");
    assert!(lines[1].starts_with(&three.url()) && lines[1].contains(" 2 requests"), "{lines:#?}");
    assert_eq!(two.connections().len(), 1, "its connection is used again");
    assert_eq!(one.requests().len(), 2, "what is gone gets nothing");
}

#[tokio::test]
async fn keys_without_a_state_leave_the_upstreams_as_they_are() {
    let one = upstream().await;
    let with = |keys: &str| over(&[one.addr()], "").replace("[routes", &format!("{keys}\n[routes"));
    let gateway = TestGateway::start(&with("affinity = { cookie = \"gw\" }"));
    let mut client = RawClient::connect(gateway.addr).await;
    let cookie = client.get("/api/x").await.header("set-cookie").unwrap().to_owned();
    let cookie = cookie.split(';').next().unwrap();
    let mut requests = 1;
    for keys in [
        "failover = 3",
        "retries = { attempts = 2 }",
        "health = { path = \"/\", interval = \"1h\" }",
        "failover = 0",
    ] {
        let affinity = "affinity = { cookie = \"gw\", max_age = \"1h\" }";
        gateway.apply(&with(&format!("{keys}\n{affinity}"))).await.unwrap();
        client.send(format!("GET /api/x HTTP/1.1\r\nHost: test\r\nCookie: {cookie}\r\n\r\n")).await;
        let answer = client.response().await;
        assert_eq!(answer.header("set-cookie"), None, "{keys}: the secret of the start is kept");
        requests += 1;
        let lines = lines(&gateway.handle).await;
        assert!(lines[0].contains(&format!(" {requests} requests")), "{keys}: {lines:#?}");
    }
    assert!(one.connections().len() <= 2, "one for requests, one for probes");
    // Another way to balance is another balancer.
    gateway.apply(&with("balance = \"random\"")).await.unwrap();
    client.get("/api/x").await;
    assert!(lines(&gateway.handle).await[0].contains(" 1 requests"));
}

async fn upstream() -> RecordingUpstream {
    RecordingUpstream::start(|_| Script::ok("")).await
}
