//! An endpoint: its state, why it is in it, and its requests.

use balance::Health;
use proxy_service::ConnectionCounts;
use serde::Serialize;

use super::moment::Moment;
use crate::pools::{self, takes_requests};

/// An endpoint of a pool.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Endpoint {
    /// 16 hexadecimal digits.
    id: String,
    url: String,
    weight: u16,
    priority: u8,
    state: &'static str,
    /// The state in words.
    why: String,
    since: Option<Moment>,
    /// Its part of the pool's requests, 0 to 1.
    share: f64,
    in_flight: u64,
    requests: u64,
    failures: u64,
    requests_per_second: f64,
    latency_ms: Option<f64>,
    connections: Connections,
    last_error: Option<LastError>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Connections {
    open: usize,
    idle: usize,
    /// Requests that wait for one.
    waiting: usize,
    created: u64,
    reused: u64,
}

#[derive(Clone, Debug, Serialize)]
struct LastError {
    at: Moment,
    error: String,
    request_id: Option<String>,
}

impl Endpoint {
    /// `weights` is the sum of the weights of the pool's endpoints that take requests.
    pub(crate) fn of(endpoint: &balance::Endpoint<pools::Endpoint>, weights: u64) -> Self {
        let share = match takes_requests(endpoint) {
            true => f64::from(endpoint.weight()) / weights.max(1) as f64,
            false => 0.0,
        };
        let state = State::of(endpoint.health());
        Self {
            id: format!("{:016x}", endpoint.id()),
            url: endpoint.service().target().to_string(),
            weight: endpoint.weight(),
            priority: endpoint.priority(),
            state: state.name,
            why: state.why.to_owned(),
            since: None,
            share,
            in_flight: endpoint.in_flight(),
            requests: endpoint.requests(),
            failures: endpoint.failures(),
            requests_per_second: 0.0,
            latency_ms: None,
            connections: endpoint.service().connections().into(),
            last_error: None,
        }
    }
}

/// A state by its name, and in words.
struct State {
    name: &'static str,
    why: &'static str,
}

impl State {
    fn of(health: Health) -> Self {
        let (name, why) = match health {
            Health::Available => ("available", "healthy"),
            Health::Ejected => ("ejected", "ejected for its failures"),
            Health::Trial => ("trial", "one request is on trial"),
            Health::SlowStart => ("slow_start", "slow start: it takes a growing part of its share"),
            Health::Down => ("down", "its probes fail"),
            Health::Draining => ("draining", "draining: it takes no new request"),
            _ => ("unknown", "unknown"),
        };
        Self { name, why }
    }
}

impl From<ConnectionCounts> for Connections {
    fn from(counts: ConnectionCounts) -> Self {
        let ConnectionCounts { open, idle, waiting, created, reused, .. } = counts;
        Self { open, idle, waiting, created, reused }
    }
}
