//! The `timeouts` of a route, in place of those of its pool and of the gateway.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, Response};
use tower::service_fn;

use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script, Step};

const LIMIT: Duration = Duration::from_millis(400);

/// Two routes to one pool, of which only `/api` has its own times; the pool's would never end.
fn gateway(upstream: &RecordingUpstream, route: &str, root: &str) -> TestGateway {
    TestGateway::start(&format!(
        "[timeouts]\n{root}\n[pools.one]\nupstreams = [\"{}\"]\n\
         [routes.\"/api\"]\npool = \"one\"\ntimeouts = {{ {route} }}\n[routes.\"/other\"]\npool = \"one\"\n",
        upstream.url()
    ))
}

/// What the upstream does with a request that takes too long.
type Stalls = fn() -> Script;

const SILENT: Stalls = Script::silence;
const STOPS_IN_THE_BODY: Stalls =
    || Script::raw("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nprog").then(Step::AwaitClose);

#[tokio::test]
async fn each_has_its_effect_on_its_route_alone() {
    for (key, stalls, status) in
        [("response_head", SILENT, 504), ("request", SILENT, 503), ("body_idle", STOPS_IN_THE_BODY, 200)]
    {
        let upstream = RecordingUpstream::start(move |_| stalls()).await;
        let gateway = gateway(&upstream, &format!("{key} = \"400ms\""), "");
        let mut other = RawClient::connect(gateway.addr).await;
        other.send("GET /other/x HTTP/1.1\r\nHost: test\r\n\r\n").await;
        upstream.wait_for_heads(1).await;
        let mut client = RawClient::connect(gateway.addr).await;
        let began = Instant::now();
        client.send("GET /api/x HTTP/1.1\r\nHost: test\r\n\r\n").await;
        let answer = client.response_head("GET").await;
        assert_eq!(answer.status(), status, "{key}");
        match status {
            200 => drop(client.rest().await),
            _ => assert!(answer.header("proxy-status").unwrap().contains("http_response_timeout"), "{key}"),
        }
        assert!(began.elapsed() >= LIMIT, "{key}: {:?}", began.elapsed());
        let open = upstream.connections().iter().filter(|connection| connection.end.is_none()).count();
        assert!(open >= 1, "{key}: the other route's request was ended, too");
    }
}

/// A tunnel of the route is closed in its own time.
#[tokio::test]
async fn a_tunnel_is_closed_in_its_routes_time() {
    let upstream = RecordingUpstream::start(|_| Script::upgrade("websocket", b"hello")).await;
    let gateway = gateway(&upstream, "tunnel_idle = \"400ms\"", "");
    let mut tunnel = RawClient::connect(gateway.addr).await;
    let began = Instant::now();
    tunnel
        .send("GET /api/t HTTP/1.1\r\nHost: test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
        .await;
    assert_eq!(tunnel.response_head("GET").await.status(), 101);
    tunnel.rest().await;
    assert!(began.elapsed() >= LIMIT, "{:?}", began.elapsed());
}

/// A route's own time may be longer than the gateway's, and the others keep the gateway's.
#[tokio::test]
async fn a_route_may_have_more_time_than_the_others() {
    let slow = || {
        let begins = Step::Trickle("H".into(), 2 * LIMIT);
        Script(vec![begins, Step::Send("TTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".into())])
    };
    let upstream = RecordingUpstream::start(move |_| slow()).await;
    for own in ["request = \"1h\"", "request = \"off\""] {
        let gateway = gateway(&upstream, own, "request = \"400ms\"");
        let mut client = RawClient::connect(gateway.addr).await;
        assert_eq!(client.get("/api/x").await.status(), 200, "{own}");
        assert_eq!(client.get("/other/x").await.status(), 503, "{own}");
    }
}

/// What is no route keeps the gateway's time as well.
#[tokio::test]
async fn a_service_of_the_programs_own_keeps_the_gateways_time() {
    let config =
        "timeouts.request = \"400ms\"\n[routes.\"/api\"]\nrespond = 200\ntimeouts = { request = \"off\" }\n";
    let silent = service_fn(async |_: Request<Body>| {
        std::future::pending::<Result<Response<Body>, Infallible>>().await
    });
    let gateway = TestGateway::start_with(config, |gateway| gateway.nest_service("/own", silent));
    let answer = RawClient::connect(gateway.addr).await.get("/own/x").await;
    assert_eq!(answer.status(), 503);
    assert!(answer.header("proxy-status").unwrap().contains("http_response_timeout"));
}
