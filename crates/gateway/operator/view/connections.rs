//! The connections, on both sides.

use serde::Serialize;

use crate::live::Handle;

/// The connections of clients, and those to upstreams.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Connections {
    listeners: Vec<Listener>,
    upstreams: Vec<Upstream>,
}

/// Those that came to a listener.
#[derive(Clone, Debug, Serialize)]
struct Listener {
    address: String,
    open: u64,
    accepted: u64,
    /// Closed before their first request.
    refused: u64,
}

/// Those to an upstream.
#[derive(Clone, Debug, Serialize)]
struct Upstream {
    pool: String,
    url: String,
    open: usize,
    idle: usize,
    /// Requests that wait for one.
    waiting: usize,
}

impl Connections {
    pub(crate) fn of(handle: &Handle) -> Self {
        let listeners = handle.observed().listeners().map(|(address, counts)| Listener {
            address: address.to_string(),
            open: counts.open,
            accepted: counts.accepted,
            refused: counts.refused.iter().map(|(_, count)| count).sum(),
        });
        let pools = handle.pools();
        let upstreams = pools.iter().flat_map(|pool| {
            pool.endpoints().snapshot().into_iter().map(|endpoint| {
                let counts = endpoint.service().connections();
                Upstream {
                    pool: pool.name().to_owned(),
                    url: endpoint.service().target().to_string(),
                    open: counts.open,
                    idle: counts.idle,
                    waiting: counts.waiting,
                }
            })
        });
        Self { listeners: listeners.collect(), upstreams: upstreams.collect() }
    }
}
