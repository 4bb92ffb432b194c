//! Finding out when an upstream that nobody could connect to is back.

use std::future::Future;
use std::sync::Arc;

use axum::body::Body;
use balance::{Dials, Endpoints};
use proxy_service::Client;
use tower::service_fn;

use super::Endpoint;

/// Dials every endpoint of a pool that nobody can connect to, with the pool's own client, for as long as it is polled and
/// the pool is there.
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
