//! `/livez` and `/readyz`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gateway::config::Config;
use gateway::serve::Shutdown;
use http::StatusCode;

use crate::support::gateway::TestGateway;
use crate::support::operator::{Said, ask};
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::within;

/// Two pools that are probed: one over this upstream, and one whose probes always fail.
fn probed(addr: SocketAddr, admin: &str) -> String {
    let probes = "path = \"/\", interval = \"100ms\", rise = 1, fall = 1, timeout = \"1s\"";
    format!(
        r#"
        {admin}
        [pools.good]
        upstreams = ["http://{addr}"]
        health = {{ {probes} }}
        [pools.bad]
        upstreams = ["http://{addr}"]
        health = {{ {probes}, status = "299" }}
        [pools.spare]
        upstreams = ["http://{addr}"]
        health = {{ {probes}, status = "299" }}
        [routes."/good"]
        pool = "good"
        [routes."/bad"]
        pool = "bad"
        "#
    )
}

async fn ready(gateway: &TestGateway) -> (StatusCode, String) {
    let Said { status, text } = ask(&gateway.handle, "/readyz").await;
    (status, text)
}

async fn until_ready_says(gateway: &TestGateway, status: StatusCode, text: &str) {
    within(text, async {
        while ready(gateway).await != (status, text.to_owned()) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_pool_that_a_route_needs_has_to_have_somebody() {
    let is_well = Arc::new(AtomicBool::new(true));
    let wellness = is_well.clone();
    let upstream = RecordingUpstream::start(move |_| match wellness.load(Ordering::SeqCst) {
        true => Script::ok("fine"),
        false => Script::raw("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n"),
    })
    .await;
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    let all = TestGateway::start(&probed(upstream.addr(), ""));
    until_ready_says(&all, unavailable, "pool bad: no endpoint takes requests\n").await;
    let any = TestGateway::start(&probed(upstream.addr(), "[admin]\nready = \"any\""));
    until_ready_says(&any, StatusCode::OK, "ready\n").await;
    is_well.store(false, Ordering::SeqCst);
    until_ready_says(&any, unavailable, "no pool has an endpoint that takes requests\n").await;
    let none = TestGateway::start(&probed(upstream.addr(), "[admin]\nready = \"none\""));
    until_ready_says(&none, StatusCode::OK, "ready\n").await;
    for gateway in [&all, &any, &none] {
        assert_eq!(ask(&gateway.handle, "/livez").await.text, "alive\n");
    }
}

/// Before the first probes, all pools are usable.
#[tokio::test]
async fn a_pool_with_a_usable_fallback_is_not_missed_and_neither_is_a_mirror() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let with = |keys: &str| format!("{}{keys}\n", probed(upstream.addr(), ""));
    for (keys, expected) in [
        ("fallback = \"good\"", (StatusCode::OK, "ready\n")),
        ("fallback = \"good\"\nmirror.pool = \"spare\"", (StatusCode::OK, "ready\n")),
        ("fallback = \"spare\"", (StatusCode::SERVICE_UNAVAILABLE, "pool bad: no endpoint takes requests\n")),
        (
            "fallback = \"good\"\n[[route]]\nexact = \"/x\"\npool = \"bad\"",
            (StatusCode::SERVICE_UNAVAILABLE, "pool bad: no endpoint takes requests\n"),
        ),
    ] {
        let gateway = TestGateway::start(&with(keys));
        within("the first probes", async {
            for pool in ["bad", "spare"] {
                let path = format!("/api/v1/pools/{pool}");
                while ask(&gateway.handle, &path).await.json()["usable"] != 0 {
                    tokio::task::yield_now().await;
                }
            }
        })
        .await;
        assert_eq!(ready(&gateway).await, (expected.0, expected.1.to_owned()), "{keys}");
    }
}

#[tokio::test]
async fn it_is_not_ready_before_it_serves_nor_once_it_shuts_down() {
    let config = "listen = \"127.0.0.1:0\"\n[pools.a]\nupstreams = [\"http://127.0.0.1:1\"]\n[routes.\"/a\"]\npool = \"a\"\n";
    let config = Config::parse("test.toml", config, |_| None).unwrap();
    let shutdown = Shutdown::new();
    let gateway = gateway::app(config, shutdown.clone()).unwrap();
    let handle = gateway.handle();
    let said = ask(&handle, "/readyz").await;
    assert_eq!((said.status.as_u16(), said.text.as_str()), (503, "starting: upstreams are looked for\n"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let served = tokio::spawn(gateway.serve(listener));
    within("it to be ready", async {
        while ask(&handle, "/readyz").await.status != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    })
    .await;
    shutdown.announce();
    let said = ask(&handle, "/readyz").await;
    assert_eq!((said.status.as_u16(), said.text.as_str()), (503, "shutting down\n"));
    assert_eq!(ask(&handle, "/livez").await.status, StatusCode::OK);
    let status = ask(&handle, "/api/v1/status").await.json();
    assert_eq!((&status["draining"], &status["ready"]), (&true.into(), &false.into()));
    assert_eq!(status["not_ready"], serde_json::json!(["shutting down"]));
    shutdown.abort();
    within("its end", served).await.unwrap();
}
