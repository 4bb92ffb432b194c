//! An endpoint: its state, why it is in it, and its requests.

use std::time::{Duration, SystemTime};

use balance::{Cause, Details, Ejected, Health};
use humantime::format_rfc3339_seconds;
use proxy_service::ConnectionCounts;
use serde::Serialize;

use super::history::millis;
use super::moment::Moment;
use crate::observe::failures;
use crate::pools::{self, state_name};

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
    since: Moment,
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

/// An endpoint, and what its pool and the gateway know of it.
pub(crate) struct Seen<'a> {
    pub(crate) endpoint: &'a balance::Endpoint<pools::Endpoint>,
    pub(crate) share: f64,
    pub(crate) requests_per_second: f64,
    pub(crate) last_error: Option<&'a failures::Failure>,
}

impl Endpoint {
    /// The id by which the API knows an endpoint.
    pub(crate) fn id_of(endpoint: &balance::Endpoint<pools::Endpoint>) -> String {
        format!("{:016x}", endpoint.id())
    }

    pub(crate) fn of(seen: Seen<'_>) -> Self {
        let Seen { endpoint, share, requests_per_second, last_error } = seen;
        let (details, now) = (endpoint.details(), SystemTime::now());
        let since = now.checked_sub(details.lasting).unwrap_or(now);
        Self {
            id: Self::id_of(endpoint),
            url: endpoint.service().target().to_string(),
            weight: endpoint.weight(),
            priority: endpoint.priority(),
            state: state_name(details.health),
            why: why(&details, endpoint, share),
            since: Moment(since),
            share,
            in_flight: endpoint.in_flight(),
            requests: endpoint.requests(),
            failures: endpoint.failures(),
            requests_per_second,
            latency_ms: details.latency.map(millis),
            connections: endpoint.service().connections().into(),
            last_error: last_error.map(LastError::of),
        }
    }
}

/// Why it is in its state.
fn why(details: &Details, endpoint: &balance::Endpoint<pools::Endpoint>, share: f64) -> String {
    let in_flight = endpoint.in_flight();
    match details.health {
        Health::Available if endpoint.weight() == 0 => "healthy, but of weight 0".to_owned(),
        Health::Available if share == 0.0 => "healthy, in reserve: others take the requests".to_owned(),
        Health::Available => "healthy".to_owned(),
        Health::Ejected => details.ejected.map_or_else(|| "ejected".to_owned(), |ejected| ejection(&ejected)),
        Health::Trial => "one request is on trial".to_owned(),
        Health::SlowStart => format!("slow start, at {} %", details.slow_start.unwrap_or(100)),
        Health::Down => "down: its probes fail".to_owned(),
        Health::Draining => format!("leaving the pool, {in_flight} in flight"),
        Health::Paused => format!("drained by an operator, {in_flight} in flight"),
        _ => "unknown".to_owned(),
    }
}

fn ejection(ejected: &Ejected) -> String {
    let cause = match ejected.cause {
        Cause::FailuresInARow(1) => "after a failure".to_owned(),
        Cause::FailuresInARow(failures) => format!("after {failures} failures in a row"),
        Cause::FailureRate { failures, requests } => {
            format!("after {failures} failures of {requests} requests")
        }
        Cause::FailedTrial => "again, since the request on trial failed".to_owned(),
        Cause::ByHand => "by an operator".to_owned(),
        _ => "for its failures".to_owned(),
    };
    if ejected.left.is_zero() {
        return format!("ejected {cause}; the next request is on trial");
    }
    let left = (ejected.left + Duration::from_millis(500)).as_secs();
    let until = format_rfc3339_seconds(SystemTime::now() + ejected.left);
    let sooner = if ejected.is_unreachable { ", or until it can be connected to" } else { "" };
    format!("ejected {cause}, until {until} ({left} s left){sooner}")
}

impl LastError {
    fn of(failure: &failures::Failure) -> Self {
        let error =
            failure.error.map_or_else(|| format!("status {}", failure.status.as_u16()), str::to_owned);
        let id = failure.id.as_ref().and_then(|id| id.to_str().ok());
        Self { at: Moment(failure.at), error, request_id: id.map(str::to_owned) }
    }
}

impl From<ConnectionCounts> for Connections {
    fn from(counts: ConnectionCounts) -> Self {
        let ConnectionCounts { open, idle, waiting, created, reused, .. } = counts;
        Self { open, idle, waiting, created, reused }
    }
}
