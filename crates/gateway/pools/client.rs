//! A pool's client: its connections, from the configuration.

use std::time::Duration;

use axum::body::Body;
use proxy_service::{Client, ClientBuilder};

use crate::config::{Connections, Limits, Pool};
use crate::discovery::Asked;

/// How long an upstream may take to answer an HTTP/2 PING.
const PING_PATIENCE: Duration = Duration::from_secs(10);

/// `asked` is told when no connection can be made: the upstream may be elsewhere now.
pub(super) fn of(pool: &Pool, limits: &Limits, asked: Asked) -> Client<Body> {
    builder(pool, limits, asked).build()
}

/// The same before it is made, for whoever has options of his own.
pub(super) fn builder(pool: &Pool, limits: &Limits, asked: Asked) -> ClientBuilder {
    let client = connecting(&pool.connections)
        .connect_timeout(pool.timeouts.connect)
        .protocols(pool.protocols)
        .header_case(pool.header_case)
        .on_failed_dial(move || asked.ask());
    let client = client.response_fields(limits.response_fields).response_section(limits.response_section);
    let client = match pool.send_proxy {
        Some(header) => client.send_proxy(header),
        None => client,
    };
    #[cfg(feature = "tls")]
    let client = match &pool.tls {
        Some(tls) => encrypted(client, tls),
        None => client,
    };
    client
}

fn connecting(connections: &Connections) -> ClientBuilder {
    let mut client = ClientBuilder::new()
        .max_idle(connections.max_idle)
        .idle_timeout(connections.idle_timeout)
        .queue(connections.queue.size, connections.queue.timeout);
    if let Some(max) = connections.max {
        client = client.max_connections(max);
    }
    if let Some(age) = connections.max_age {
        client = client.max_age(age);
    }
    if let Some(uses) = connections.max_uses {
        client = client.max_uses(uses);
    }
    if let Some(interval) = connections.ping {
        client = client.http2_keep_alive(interval, PING_PATIENCE);
    }
    client
}

#[cfg(feature = "tls")]
fn encrypted(client: ClientBuilder, tls: &crate::config::Tls) -> ClientBuilder {
    let client = client.tls(std::sync::Arc::clone(tls.client()));
    match &tls.server_name {
        Some(name) => client.server_name(name.clone()),
        None => client,
    }
}
