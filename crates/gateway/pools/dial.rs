//! Dials: connects to upstreams that refuse connections, to find out when they accept them again.

use std::future::Future;
use std::sync::Arc;

use axum::body::Body;
use balance::{Dials, Endpoints};
use proxy_service::Client;
use tower::service_fn;

use super::Endpoint;

/// Dials each endpoint of a pool that was ejected because nobody could connect to it, with the pool's own client. Runs
/// for as long as the future is polled and the pool exists.
pub(super) fn dial(
    endpoints: &Endpoints<Endpoint>,
    client: &Client<Body>,
) -> impl Future<Output = ()> + Send + use<> {
    let client = client.clone();
    endpoints.dial(
        Dials::new(),
        service_fn(move |endpoint: Arc<balance::Endpoint<Endpoint>>| {
            let client = client.clone();
            async move {
                let target = endpoint.service().target();
                let answer = client.dial(target).await;
                if let Err(error) = &answer {
                    tracing::debug!(target: "gateway::health", upstream = %target, %error, "a dial failed");
                }
                answer
            }
        }),
    )
}
