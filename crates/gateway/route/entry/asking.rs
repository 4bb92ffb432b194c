//! The requests that the gateway itself sends to services that it asks.

use std::time::Duration;

use axum::body::Body;
use proxy_service::{Client, ClientBuilder, ProxyLayer, ProxyService, Timeouts};
use tower::Layer as _;

use crate::config::ServiceUrl;
#[cfg(feature = "tls")]
use crate::config::Tls;

/// Sends requests to a service. It keeps its connections.
pub(super) type Asking = ProxyService<Client<Body>>;

/// By whose certificates the gateway knows a service. Default: those that Mozilla's authorities have signed.
#[derive(Clone, Copy, Default)]
pub(super) struct Trust<'a> {
    #[cfg(feature = "tls")]
    tls: Option<&'a Tls>,
    #[cfg(not(feature = "tls"))]
    nobody: std::marker::PhantomData<&'a ()>,
}

#[cfg(feature = "tls")]
impl<'a> Trust<'a> {
    pub(super) fn of(tls: Option<&'a Tls>) -> Self {
        Self { tls }
    }
}

/// To connect may take as long as `limit`. For all the rest, whoever asks counts the time.
pub(super) fn asking(url: &ServiceUrl, limit: Duration, trust: Trust<'_>) -> Asking {
    let never = Timeouts { response_head: Duration::MAX, body_idle: Duration::MAX, ..Timeouts::default() };
    let client = trusting(ClientBuilder::new().connect_timeout(limit), trust).build();
    ProxyLayer::new(url.target().clone()).own_requests().timeouts(never).layer(client)
}

#[cfg(feature = "tls")]
fn trusting(client: ClientBuilder, Trust { tls }: Trust<'_>) -> ClientBuilder {
    let Some(tls) = tls else { return client };
    let client = client.tls(std::sync::Arc::clone(tls.client()));
    match &tls.server_name {
        Some(name) => client.server_name(name.clone()),
        None => client,
    }
}

#[cfg(not(feature = "tls"))]
fn trusting(client: ClientBuilder, _: Trust<'_>) -> ClientBuilder {
    client
}
