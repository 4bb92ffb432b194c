//! Pools: a balancer each, over endpoints that share one client.

use std::fmt;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::Request;
use balance::{Balance, Endpoints, Failover, OnBodyEnd, RoundRobin, RoundRobinLayer};
use proxy_service::{Client, ProxyLayer, ProxyService, Target};
use tower::{Layer, Service};

use crate::access_log::Tries;
use crate::config::Pool;

/// Round robin; unsent requests go on elsewhere; in flight until the body ends.
pub(crate) type PoolService = Balance<Endpoint, RoundRobin, Failover, OnBodyEnd>;

/// Makes a pool's balancer; `proxy` says how each of its targets is proxied to.
pub(crate) fn balancer(
    pool: &Pool,
    client: &Client<Body>,
    proxy: impl Fn(Target) -> ProxyLayer,
) -> PoolService {
    let targets = pool.upstreams.iter().map(|upstream| (upstream.target.clone(), upstream.weight.get()));
    RoundRobinLayer::weighted(targets)
        .failover(pool.failover)
        .track_bodies()
        .layer(|target| Endpoint { proxy: proxy(target).layer(client.clone()) })
}

/// One upstream of a pool; it counts the requests that it is handed, for the access log.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    proxy: ProxyService<Client<Body>>,
}

impl Service<Request<Body>> for Endpoint {
    type Response = <ProxyService<Client<Body>> as Service<Request<Body>>>::Response;
    type Error = <ProxyService<Client<Body>> as Service<Request<Body>>>::Error;
    type Future = <ProxyService<Client<Body>> as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.proxy.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if let Some(tries) = request.extensions().get::<Tries>() {
            tries.count_one();
        }
        self.proxy.call(request)
    }
}

/// A pool by its name, to be looked at: its `Display` is a line an endpoint.
#[derive(Clone, Debug)]
pub(crate) struct NamedPool {
    name: String,
    endpoints: Endpoints<Endpoint>,
}

impl NamedPool {
    pub(crate) fn new(pool: &Pool, balancer: &PoolService) -> Self {
        Self { name: pool.name.clone(), endpoints: balancer.endpoints() }
    }
}

impl fmt::Display for NamedPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}", self.name)?;
        for endpoint in self.endpoints.snapshot() {
            writeln!(
                f,
                "    {}  weight {}  {:?}  {} in flight  {} requests  {} failures",
                endpoint.service().proxy.target(),
                endpoint.weight(),
                endpoint.health(),
                endpoint.in_flight(),
                endpoint.requests(),
                endpoint.failures(),
            )?;
        }
        Ok(())
    }
}
