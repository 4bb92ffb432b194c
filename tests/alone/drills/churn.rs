//! An endpoint is removed and inserted again, a hundred times a second: no request fails, and the counters stay right.

use std::future::IntoFuture as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use balance::{Endpoint, Endpoints, RoundRobinLayer};
use proxy_service::{CatchErrorLayer, Client, ProxyService, Target, client};
use tokio::net::TcpListener;
use tower::Layer as _;

use super::{CONNECTIONS, first, length};
use crate::alone;
use crate::support::faulty::{FaultyUpstream, Mode};
use crate::support::load::{Load, Outcome};

const A_SECOND: u32 = 100;

type Proxy = ProxyService<Client<Body>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_fails() {
    let _alone = alone().await;
    let upstreams = [FaultyUpstream::start(Mode::Normal).await, FaultyUpstream::start(Mode::Normal).await];
    let (addr, endpoints) = app(upstreams.each_ref().map(FaultyUpstream::addr)).await;
    let load = Load::start(addr, CONNECTIONS);
    let every = churn(&endpoints, length()).await;
    let Outcome { answered, failed } = load.stop().await;
    let removals = every.len() - upstreams.len();
    eprintln!("an endpoint removed and added {removals} times: {answered} answered, {} failed", failed.len());
    assert!(failed.is_empty(), "{:#?}", first(&failed));
    let expected = f64::from(A_SECOND) * length().as_secs_f64();
    assert!(removals as f64 > 0.9 * expected, "{removals} in {:?}", length());
    let requests: u64 = every.iter().map(|endpoint| endpoint.requests()).sum();
    assert_eq!(requests, answered, "requests by the endpoints' own counts");
    assert!(every.iter().all(|endpoint| endpoint.in_flight() == 0 && endpoint.failures() == 0), "{every:#?}");
}

/// The layers in an axum app, without failover, so that every failure shows.
async fn app(upstreams: [SocketAddr; 2]) -> (SocketAddr, Endpoints<Proxy>) {
    let client: Client<Body> = client();
    let targets = upstreams.map(|addr| format!("http://{addr}").parse::<Target>().unwrap());
    let balance =
        RoundRobinLayer::new(targets).layer(move |target| ProxyService::new(target, client.clone()));
    let endpoints = balance.endpoints();
    let router = Router::new().nest_service("/api", CatchErrorLayer::new().layer(balance));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    (addr, endpoints)
}

/// Removes the two endpoints in turn, each for half of the time, and returns every endpoint that ever existed.
async fn churn(endpoints: &Endpoints<Proxy>, length: Duration) -> Vec<Arc<Endpoint<Proxy>>> {
    let mut every = endpoints.snapshot();
    let mut half = tokio::time::interval(Duration::from_secs(1) / A_SECOND / 2);
    let until = Instant::now() + length;
    while Instant::now() < until {
        // The endpoint that has been in the set for longer comes first.
        let removed = endpoints.snapshot().remove(0);
        half.tick().await;
        assert!(endpoints.remove(&removed));
        half.tick().await;
        every.push(endpoints.insert(removed.service().clone()));
    }
    every
}
