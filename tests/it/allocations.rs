//! How many allocations a request takes, layer by layer. Each row has its expected number; `--nocapture` prints the
//! table.
//!
//! One thread serves, over real sockets. The client and the upstream are on other threads and are not counted, and what
//! happens once in many requests is rounded off. A row is what a probe saw around a layer minus what the next probe saw
//! under it. A body that is polled later counts for the layer that made it.
//!
//! - Listener: a bare service, served. Edge: the gateway with that service mounted, minus listener and router.
//! - axum's router: around and under `nest_service`. The gateway's own routes don't go through it, and take three: the
//!   box of the body, the path without the prefix, the route's options. The box of the future counts for the edge.
//! - The crates and the client: their layers as the gateway composes them, mounted in it.
//!
//! The access log has its default settings and is written to nowhere; the record of a request takes two allocations, the log none. An optimised build
//! takes the same numbers.
//!
//! The goal is half of what the same gateway takes on axum-reverse-proxy 2.4.0 (default features off, `axum::serve`,
//! tower-http's request ids and panic handling as three `Router::layer`, no access log): 119 allocations and 33,806
//! bytes for the GET over its balancer, 102 over its plain proxy, 78 for the refusal; without those three layers 75, 64
//! and 36. Counted on 2026-11-22 with the same client and upstream: one thread, 1,000 requests after 200, by a counting
//! global allocator.

mod matching;
mod probe;
mod steady;

use std::convert::Infallible;
use std::net::SocketAddr;

use crate::support::gateway::{TestGateway, one_pool, topology};
use admin_auth::{AdminAuthLayer, AdminToken, Credential};
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Request, Response};
use axum::{BoxError, Router};
use balance::RoundRobinLayer;
use bytes::Bytes;
use gateway::serve::{Limits, RequestBody, Shutdown, bind, serve};
use probe::{Probe, Taken};
use proxy_service::{CatchErrorLayer, Client, ClientBuilder, ProxyLayer, Target};
use steady::{REQUESTS, steady, upstream};
use tower::util::MapRequestLayer;
use tower::{Layer, Service, ServiceBuilder, service_fn};

const PROXIED: &str = "GET /api/users/1 HTTP/1.1\r\nhost: example.com\r\naccept: */*\r\n\r\n";
const REFUSED: &str = "GET /admin/users/1 HTTP/1.1\r\nhost: example.com\r\naccept: */*\r\n\r\n";
/// Requests to what the tests mount, with a token and without.
const MEASURED: &str = concat!(
    "GET /measured/users/1 HTTP/1.1\r\nhost: example.com\r\naccept: */*\r\n",
    "authorization: Bearer letmein\r\n\r\n",
);
const MEASURED_NO_TOKEN: &str = "GET /measured/users/1 HTTP/1.1\r\nhost: example.com\r\naccept: */*\r\n\r\n";

#[test]
fn a_proxied_get() {
    with_access_log(|| {
        let (all, []) = steady(gateway, PROXIED, []);
        let outer = Outer::measured();
        let inner = Inner::asked(MEASURED);
        check(&[
            ("listener", outer.listener, 5),
            ("edge", outer.edge, 5),
            ("axum's router", outer.axum, 9),
            ("admin-auth", inner.gate - inner.balance, 0),
            ("balance, CatchError", inner.balance - inner.proxy, 0),
            ("proxy-service", inner.proxy - inner.client, 4),
            ("client", inner.client, 3),
            ("in tasks of their own", inner.all - inner.gate - outer.all(), 0),
            ("/api as configured, all in all", all, 21),
        ]);
    });
}

#[test]
fn a_refused_request() {
    with_access_log(|| {
        let (all, []) = steady(gateway, REFUSED, []);
        let inner = Inner::asked(MEASURED_NO_TOKEN);
        check(&[
            ("admin-auth", inner.gate - inner.balance, 5),
            // Three of them say why it was refused, for log and metrics; two are the layer of the gate.
            ("/admin as configured, all in all", all, 24),
        ]);
    });
}

#[test]
fn a_request_to_one_of_thousands_of_routes() {
    with_access_log(|| {
        let [few, many] = [3, 5_000].map(|routes| steady(|| gateway_of(routes), PROXIED, []).0);
        check(&[("/api beside thousands of routes", many - few, 0)]);
    });
}

/// Prints what one request takes, and compares each row with its number.
fn check(rows: &[(&str, Taken, i64)]) {
    let rows: Vec<_> =
        rows.iter().map(|(layer, taken, pinned)| (*layer, taken.per(REQUESTS as i64), *pinned)).collect();
    for (layer, taken, _) in &rows {
        println!("{layer:32}{:4} allocations{:7} bytes", taken.allocations, taken.bytes);
    }
    let counted: Vec<_> = rows.iter().map(|(layer, taken, _)| (*layer, taken.allocations)).collect();
    let pinned: Vec<_> = rows.iter().map(|(layer, _, pinned)| (*layer, *pinned)).collect();
    assert_eq!(counted, pinned);
}

/// Logs as the binary does by default, to nowhere.
///
/// If a process has just one subscriber, an event that a thread without it meets first is off for all threads from then
/// on: the threads of the other tests have none. With a second one, tracing asks both.
fn with_access_log(work: impl FnOnce()) {
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let log = tracing_subscriber::fmt().with_env_filter("info").with_writer(std::io::sink).finish();
    tracing::subscriber::with_default(log, work);
}

/// What stands in front of a route.
struct Outer {
    listener: Taken,
    edge: Taken,
    axum: Taken,
}

impl Outer {
    fn measured() -> Self {
        let (router, own) = (Probe::default(), Probe::default());
        let bare = own.layer(service_fn(answer));
        let (all, [below]) = steady(|| listening(bare), MEASURED, [&own]);
        let listener = all - below;
        let answer = own.layer(service_fn(answer));
        let mounted = router.layer(Router::new().nest_service("/measured", answer.clone()));
        let mounted = MapRequestLayer::new(prepared).layer(mounted);
        let (_, [axum, below]) = steady(|| listening(mounted), MEASURED, [&router, &own]);
        let axum = axum - below;
        let (all, [below]) = steady(|| gateway_with(answer), MEASURED, [&own]);
        Self { listener, edge: all - below - listener - axum, axum }
    }

    fn all(&self) -> Taken {
        self.listener + self.edge + self.axum
    }
}

/// The layers of an administrators' route, mounted in the gateway: what each layer takes, including all that is under
/// it.
struct Inner {
    all: Taken,
    gate: Taken,
    balance: Taken,
    proxy: Taken,
    client: Taken,
}

impl Inner {
    fn asked(request: &str) -> Self {
        let probes: [Probe; 4] = Default::default();
        let [gate, balance, proxy, client] = &probes;
        let pool: Client<Body> = ClientBuilder::new().build();
        let pool = client.layer(pool);
        let endpoint = |target: Target| proxy.layer(ProxyLayer::new(target).layer(pool.clone()));
        let target: Target = format!("http://{}", upstream()).parse().unwrap();
        let chain = ServiceBuilder::new()
            .layer(gate)
            .layer(AdminAuthLayer::new(AdminToken::new("letmein").unwrap()).credential(Credential::bearer()))
            .layer(balance)
            .layer(CatchErrorLayer::new())
            .layer(RoundRobinLayer::new([target]).failover(1).track_bodies())
            .service(endpoint);
        let (all, [gate, balance, proxy, client]) =
            steady(|| gateway_with(chain), request, [gate, balance, proxy, client]);
        Self { all, gate, balance, proxy, client }
    }
}

fn gateway() -> (SocketAddr, TestGateway) {
    let gateway = TestGateway::over(upstream(), upstream());
    (gateway.addr, gateway)
}

/// A gateway with `/api` and with `routes` routes in all.
fn gateway_of(routes: usize) -> (SocketAddr, TestGateway) {
    let others = (1..routes).map(|n| format!("[routes.\"/route{n}\"]\npool = \"api\"\n"));
    let gateway =
        TestGateway::start(&(others.collect::<String>() + &one_pool(&format!("http://{}", upstream()), "")));
    (gateway.addr, gateway)
}

/// A gateway with `service` beside its own routes.
fn gateway_with<S, B>(service: S) -> (SocketAddr, TestGateway)
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let config = topology(upstream(), upstream());
    let gateway = TestGateway::start_with(&config, |gateway| gateway.nest_service("/measured", service));
    (gateway.addr, gateway)
}

/// Only the listener, without the gateway.
fn listening<S, B>(service: S) -> (SocketAddr, Shutdown)
where
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Default + Send + 'static,
{
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let (addr, shutdown) = (listener.local_addr().unwrap(), Shutdown::new());
    tokio::spawn(serve(listener, move |_| service.clone(), Limits::default(), shutdown.clone()));
    (addr, shutdown)
}

/// The request as the edge hands it to the router: with a boxed body, and with an extension of the edge's.
fn prepared(request: Request<RequestBody>) -> Request<Body> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(());
    request
}

/// An answer like a proxied one: with a header and an extension.
async fn answer<B>(_: Request<B>) -> Result<Response<Body>, Infallible> {
    let mut response = Response::new(Body::from("hello"));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response.extensions_mut().insert(());
    Ok(response)
}
