//! What Prometheus is told of pools and their endpoints.

use std::fmt;
use std::sync::Arc;

use balance::Health;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use proxy_service::ConnectionCounts;

use super::endpoint::Endpoint;
use super::watch::Roster;
use crate::observe::metrics::{Family, Of};

const OF_ENDPOINT: &[&str] = &["pool", "endpoint"];

static ENDPOINTS: Family = Family::gauge("gateway_pool_endpoints", &["pool"], "Endpoints of the pool.");
static USABLE: Family = Family::gauge(
    "gateway_pool_usable_endpoints",
    &["pool"],
    "Endpoints that take requests: all but those that are ejected, down, draining or paused.",
);
static STATE: Family = Family::gauge(
    "gateway_endpoint_state",
    &["pool", "endpoint", "state"],
    "1 for the state that the endpoint is in, 0 for all others.",
);
static WEIGHT: Family = Family::gauge("gateway_endpoint_weight", OF_ENDPOINT, "Its weight in the pool.");
static IN_FLIGHT: Family = Family::gauge(
    "gateway_endpoint_requests_in_flight",
    OF_ENDPOINT,
    "Requests that were sent to it and have not ended, with those that became tunnels.",
);
static WAITING: Family = Family::gauge(
    "gateway_endpoint_requests_waiting",
    OF_ENDPOINT,
    "Requests that wait for a connection to it, because there are as many as there may be.",
);
static REQUESTS: Family =
    Family::counter("gateway_endpoint_requests", OF_ENDPOINT, "How often it was picked for a request.");
static FAILURES: Family = Family::counter(
    "gateway_endpoint_failures",
    OF_ENDPOINT,
    "Requests that count as failed for its health.",
);
static OPEN: Family = Family::gauge(
    "gateway_endpoint_connections_open",
    OF_ENDPOINT,
    "Connections to it that are open, or being opened.",
);
static IDLE: Family =
    Family::gauge("gateway_endpoint_connections_idle", OF_ENDPOINT, "Open connections that have no request.");
static CREATED: Family = Family::counter(
    "gateway_endpoint_connections_created",
    OF_ENDPOINT,
    "Connections that were opened, with attempts that failed.",
);
static REUSED: Family = Family::counter(
    "gateway_endpoint_connections_reused",
    OF_ENDPOINT,
    "How often a connection was used for a further request.",
);

/// All pools that there are.
#[derive(Debug)]
pub(crate) struct MeasuredPools(Roster);

impl MeasuredPools {
    pub(crate) fn of(roster: Roster) -> Self {
        Self(roster)
    }
}

/// An endpoint with its labels.
struct Row {
    pool: Arc<str>,
    url: String,
    endpoint: Arc<balance::Endpoint<Endpoint>>,
    health: Health,
    connections: ConnectionCounts,
}

impl Row {
    fn labels(&self) -> [&str; 2] {
        [&self.pool, &self.url]
    }
}

impl Collector for MeasuredPools {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let pools: Vec<(Arc<str>, Vec<Row>)> = self.rows();
        let mut values = ENDPOINTS.begin(&mut encoder)?;
        pools.iter().try_for_each(|(name, rows)| values.gauge(&[name], rows.len()))?;
        let mut values = USABLE.begin(&mut encoder)?;
        for (name, rows) in &pools {
            values.gauge(&[name], rows.iter().filter(|row| is_usable(row.health)).count())?;
        }
        let rows: Vec<&Row> = pools.iter().flat_map(|(_, rows)| rows).collect();
        let mut values = STATE.begin(&mut encoder)?;
        for row in &rows {
            for state in STATES {
                let is_in_it = state == name_of(row.health);
                values.gauge(&[&row.pool, &row.url, state], u64::from(is_in_it))?;
            }
        }
        gauges_and_counters(&rows, &mut encoder)
    }
}

impl MeasuredPools {
    fn rows(&self) -> Vec<(Arc<str>, Vec<Row>)> {
        let of_pool = |pool: &super::NamedPool| {
            let name: Arc<str> = pool.name.as_str().into();
            let row = |endpoint: Arc<balance::Endpoint<Endpoint>>| Row {
                pool: Arc::clone(&name),
                url: endpoint.service().target().to_string(),
                health: endpoint.health(),
                connections: endpoint.service().connections(),
                endpoint,
            };
            let rows = pool.endpoints.snapshot().into_iter().map(row).collect();
            (name, rows)
        };
        self.0.load().iter().map(of_pool).collect()
    }
}

fn gauges_and_counters(rows: &[&Row], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let gauges: [Of<Row>; 5] = [
        (&WEIGHT, |row| row.endpoint.weight().into()),
        (&IN_FLIGHT, |row| row.endpoint.in_flight()),
        (&WAITING, |row| row.connections.waiting as u64),
        (&OPEN, |row| row.connections.open as u64),
        (&IDLE, |row| row.connections.idle as u64),
    ];
    for (family, value) in gauges {
        let mut values = family.begin(encoder)?;
        rows.iter().try_for_each(|row| values.gauge(&row.labels(), value(row)))?;
    }
    let counters: [Of<Row>; 4] = [
        (&REQUESTS, |row| row.endpoint.requests()),
        (&FAILURES, |row| row.endpoint.failures()),
        (&CREATED, |row| row.connections.created),
        (&REUSED, |row| row.connections.reused),
    ];
    for (family, value) in counters {
        let mut values = family.begin(encoder)?;
        rows.iter().try_for_each(|row| values.counter(&row.labels(), value(row)))?;
    }
    Ok(())
}

const STATES: [&str; 7] = ["available", "slow_start", "trial", "ejected", "down", "paused", "draining"];

/// A health's name, as it is shown to operators.
fn name_of(health: Health) -> &'static str {
    match health {
        Health::Available => "available",
        Health::SlowStart => "slow_start",
        Health::Trial => "trial",
        Health::Ejected => "ejected",
        Health::Down => "down",
        Health::Paused => "paused",
        Health::Draining => "draining",
        _ => "other",
    }
}

fn is_usable(health: Health) -> bool {
    matches!(health, Health::Available | Health::SlowStart | Health::Trial)
}
