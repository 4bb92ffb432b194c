//! One upstream of a pool.

use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::Request;
use balance::Endpoints;
use proxy_service::{Client, ConnectionCounts, Failures, ProxyService, Target, Tunnels};
use tower::Service;

use crate::observe::Journey;

type Proxy = ProxyService<Client<Body>>;

/// The proxy service for one upstream. It counts the tries of each request, for the access log.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    proxy: Proxy,
}

impl Endpoint {
    pub(super) fn new(proxy: Proxy) -> Self {
        Self { proxy }
    }

    pub(crate) fn target(&self) -> &Target {
        self.proxy.target()
    }

    pub(super) fn tunnels(&self) -> &Tunnels {
        self.proxy.tunnels()
    }

    pub(crate) fn failures(&self) -> Failures {
        self.proxy.failures()
    }

    pub(crate) fn connections(&self) -> ConnectionCounts {
        self.proxy.connections()
    }
}

/// The id of a target in cookies and hashes. It is the same in every process, whatever the order of the upstreams.
pub(super) fn id_of(target: &Target) -> u64 {
    balance::stable_hash(target.to_string().as_str())
}

/// The name of the endpoint with this id, if the pool has it.
pub(super) fn name_of(id: u64, endpoints: &Endpoints<Endpoint>) -> Option<String> {
    let endpoint = endpoints.snapshot().into_iter().find(|endpoint| endpoint.id() == id)?;
    Some(endpoint.service().target().to_string())
}

impl Service<Request<Body>> for Endpoint {
    type Response = <Proxy as Service<Request<Body>>>::Response;
    type Error = <Proxy as Service<Request<Body>>>::Error;
    type Future = <Proxy as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.proxy.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if let Some(journey) = request.extensions().get::<Journey>() {
            journey.count_try();
        }
        self.proxy.call(request)
    }
}
