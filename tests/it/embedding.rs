//! The three crates in somebody else's axum app, with other layers around them.

use std::net::SocketAddr;

use admin_auth::{AdminAuthLayer, AdminToken};
use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::routing::get;
use balance::RoundRobinLayer;
use http::Uri;
use http::header::AUTHORIZATION;
use proxy_service::{CatchErrorLayer, PeerLayer, ProxyLayer, Target, TrustedPeers, client};
use tokio::net::TcpListener;
use tower::{Layer, ServiceBuilder};
use tower_http::cors::{Any, CorsLayer};

use crate::support::raw::{RawClient, Response};
use crate::support::ws;

/// The URI that the client sent. axum's own `OriginalUri` is the same thing, but a feature that the gateway is built
/// without, since it takes an allocation for each request.
#[derive(Clone)]
struct Original(Uri);

async fn keep_original(mut request: Request) -> Request {
    let original = Original(request.uri().clone());
    request.extensions_mut().insert(original);
    request
}

/// The demo upstream, and an app with a handler of its own in front of it.
async fn embedded(trusted: TrustedPeers) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = listener.local_addr().unwrap();
    let backend = gateway::backend::router(upstream.port());
    tokio::spawn(axum::serve(listener, backend).into_future());

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let app = app(format!("http://{upstream}").parse().unwrap(), trusted);
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(axum::serve(listener, app).into_future());
    addr
}

fn app(upstream: Target, trusted: TrustedPeers) -> Router {
    let client = client();
    let proxy = move |target: Target| {
        ProxyLayer::new(target)
            .original_uri(|Original(uri): &Original| uri)
            .trusted_peers(trusted.clone())
            .layer(client.clone())
    };
    let api = ServiceBuilder::new()
        .layer(CatchErrorLayer::new())
        .layer(RoundRobinLayer::new([upstream.clone()]).failover(1))
        .service(proxy.clone());
    let admin = ServiceBuilder::new()
        .layer(AdminAuthLayer::new(AdminToken::new("letmein").unwrap()))
        .layer(CatchErrorLayer::new())
        .service(proxy(upstream));
    Router::new()
        .route("/", get(async || "my own handler\n"))
        .nest_service("/api", api)
        .nest_service("/admin", admin)
        .layer(PeerLayer::from_extension(|ConnectInfo(addr): &ConnectInfo<SocketAddr>| *addr))
        .layer(axum::middleware::map_request(keep_original))
        .layer(CorsLayer::new().allow_origin(Any).allow_headers([AUTHORIZATION]))
}

async fn ask(app: SocketAddr, path: &str, fields: &str) -> Response {
    let mut client = RawClient::connect(app).await;
    client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n{fields}\r\n")).await;
    client.response().await
}

/// The lines of a description by the demo upstream that are about forwarding.
fn forwarded(response: &Response) -> Vec<String> {
    let text = response.text();
    let mut lines: Vec<_> =
        text.lines().filter(|line| line.starts_with("x-forwarded-")).map(str::to_owned).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn the_upstream_is_told_the_client_and_the_prefix() {
    let app = embedded(TrustedPeers::default()).await;
    let response =
        ask(app, "/api/users?id=7", "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Prefix: /evil\r\n").await;
    assert!(response.text().contains("\npath: /users?id=7\n"), "{}", response.text());
    assert_eq!(
        forwarded(&response),
        [
            "x-forwarded-for: 127.0.0.1",
            "x-forwarded-host: test",
            "x-forwarded-prefix: /api",
            "x-forwarded-proto: http",
        ]
    );
    assert_eq!(ask(app, "/", "").await.text(), "my own handler\n");
}

#[tokio::test]
async fn a_proxy_in_front_is_the_peer_and_is_heard_if_it_is_trusted() {
    let app = embedded(TrustedPeers::new(|ip| ip.is_loopback())).await;
    let claims = "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Prefix: /shop\r\n";
    assert_eq!(
        forwarded(&ask(app, "/api/users", claims).await),
        [
            "x-forwarded-for: 192.0.2.7, 127.0.0.1",
            "x-forwarded-host: test",
            "x-forwarded-prefix: /shop/api",
            "x-forwarded-proto: https",
        ]
    );
}

#[tokio::test]
async fn the_gate_stands_before_its_own_nest_only() {
    let app = embedded(TrustedPeers::default()).await;
    assert_eq!(ask(app, "/admin/users", "").await.status(), 401);
    assert_eq!(ask(app, "/api/users", "").await.status(), 200);
    let entered = ask(app, "/admin/users", "X-Admin-Token: letmein\r\n").await;
    assert_eq!(entered.status(), 200);
    assert!(!entered.text().contains("letmein"), "{}", entered.text());
    assert!(forwarded(&entered).contains(&"x-forwarded-prefix: /admin".to_owned()), "{}", entered.text());
}

#[tokio::test]
async fn cors_answers_preflights_and_marks_what_the_upstream_answers() {
    let app = embedded(TrustedPeers::default()).await;
    let response = ask(app, "/api/users", "Origin: https://shop.example\r\n").await;
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    let refused = ask(app, "/admin/users", "Origin: https://shop.example\r\n").await;
    assert_eq!((refused.status(), refused.header("access-control-allow-origin")), (401, Some("*")));

    let mut client = RawClient::connect(app).await;
    let preflight = "OPTIONS /api/users HTTP/1.1\r\nHost: test\r\nOrigin: https://shop.example\r\n\
                     Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: authorization\r\n\r\n";
    client.send(preflight).await;
    let response = client.response_to("OPTIONS").await;
    assert_eq!(response.header("access-control-allow-headers"), Some("authorization"));
    assert_eq!(response.text(), "", "the upstream isn't asked");
}

#[tokio::test]
async fn a_websocket_passes() {
    let app = embedded(TrustedPeers::default()).await;
    let echoed = ws::session(app, "/api/echo", |socket| {
        socket.send(ws::Message::text("hello")).unwrap();
        socket.read().unwrap()
    });
    assert_eq!(echoed.await.unwrap(), ws::Message::text("hello"));
}

#[tokio::test]
async fn events_come_one_by_one() {
    let app = embedded(TrustedPeers::default()).await;
    let mut client = RawClient::connect(app).await;
    client.send("GET /api/sse HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let mut response = client.response_head("GET").await;
    assert_eq!(response.header("content-type"), Some("text/event-stream"));
    for event in ["data: event 0 from upstream", "data: event 1 from upstream"] {
        client.until(&mut response, event).await;
    }
}
