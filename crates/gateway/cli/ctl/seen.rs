//! The API's answers, as far as they are shown. What an answer lacks has its default, so that this works with gateways of
//! other versions too.

use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub(super) version: String,
    /// Seconds.
    pub(super) uptime: f64,
    pub(super) draining: bool,
    pub(super) ready: bool,
    pub(super) not_ready: Vec<String>,
    pub(super) generation: Generation,
    pub(super) workers: u64,
    pub(super) listeners: Vec<Listener>,
    pub(super) certificates: Vec<Certificate>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Generation {
    pub(super) number: u64,
    pub(super) since: String,
    pub(super) refused: Option<Refused>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Refused {
    pub(super) at: String,
    pub(super) why: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Listener {
    pub(super) address: String,
    pub(super) scheme: String,
    pub(super) connections: u64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Certificate {
    pub(super) names: Vec<String>,
    pub(super) not_after: String,
    pub(super) days_left: f64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Routes {
    pub(super) routes: Vec<Route>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Route {
    pub(super) name: String,
    #[serde(rename = "match")]
    pub(super) takes: String,
    pub(super) to: String,
    pub(super) gated: bool,
    pub(super) requests: u64,
    pub(super) errors: u64,
    pub(super) in_flight: u64,
    pub(super) requests_per_second: Option<f64>,
    pub(super) errors_per_second: Option<f64>,
    pub(super) p50_ms: Option<f64>,
    pub(super) p99_ms: Option<f64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Pools {
    pub(super) pools: Vec<Pool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Pool {
    pub(super) name: String,
    pub(super) policy: String,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) usable: u64,
    pub(super) retries: u64,
    pub(super) failovers: u64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Endpoint {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) weight: u64,
    pub(super) state: String,
    pub(super) why: Option<String>,
    /// Of the pool's requests, from 0 to 1.
    pub(super) share: Option<f64>,
    pub(super) in_flight: u64,
    pub(super) requests: u64,
    pub(super) failures: u64,
    pub(super) requests_per_second: Option<f64>,
    pub(super) latency_ms: Option<f64>,
    pub(super) connections: Connections,
    pub(super) last_error: Option<LastError>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Connections {
    pub(super) open: u64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LastError {
    pub(super) at: String,
    pub(super) error: String,
    pub(super) request_id: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Errors {
    pub(super) errors: Vec<Failure>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Failure {
    pub(super) at: String,
    pub(super) request_id: Option<String>,
    pub(super) client: Option<String>,
    /// `None` if the request couldn't be read, as with `path`.
    pub(super) method: Option<String>,
    pub(super) path: Option<String>,
    pub(super) upstream: Option<String>,
    pub(super) status: Option<u16>,
    /// `None` if the upstream itself has answered so.
    pub(super) error: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Config {
    pub(super) file: Option<String>,
    pub(super) text: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reloaded {
    pub(super) generation: u64,
    pub(super) added: Vec<String>,
    pub(super) changed: Vec<String>,
    pub(super) removed: Vec<String>,
}

/// What `/events` begins with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Snapshot {
    pub(super) status: Status,
    pub(super) pools: Vec<Pool>,
    pub(super) history: History,
}

/// One value a second, the oldest first.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct History {
    pub(super) requests: Vec<f64>,
    pub(super) errors: Vec<f64>,
    pub(super) in_flight: Vec<f64>,
    pub(super) p50_ms: Vec<Option<f64>>,
    pub(super) p99_ms: Vec<Option<f64>>,
}

/// What `/events` says each second.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tick {
    pub(super) status: Status,
    pub(super) pools: Vec<Pool>,
    /// `None` in the first second.
    pub(super) sample: Option<Sample>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sample {
    pub(super) at: String,
    pub(super) requests: f64,
    pub(super) errors: f64,
    pub(super) in_flight: f64,
    pub(super) p50_ms: Option<f64>,
    pub(super) p99_ms: Option<f64>,
}
