//! The gateway as a whole.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::Serialize;

use super::moment::Moment;
use crate::config::{Listen, Redirect};
use crate::live::{self, Handle};
use crate::operator::desk::Desk;
use crate::operator::readiness;

/// The gateway as a whole.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Status {
    version: &'static str,
    started: Moment,
    now: Moment,
    /// In seconds.
    uptime: f64,
    demo: bool,
    draining: bool,
    ready: bool,
    not_ready: Vec<String>,
    generation: Generation,
    workers: usize,
    listeners: Vec<Listener>,
    certificates: Vec<Certificate>,
}

/// The generation of the configuration that runs.
#[derive(Clone, Debug, Serialize)]
struct Generation {
    number: u64,
    digest: Option<String>,
    since: Moment,
    refused: Option<Refused>,
}

#[derive(Clone, Debug, Serialize)]
struct Refused {
    at: Moment,
    why: String,
}

/// A place where clients connect to.
#[derive(Clone, Debug, Serialize)]
struct Listener {
    address: String,
    scheme: &'static str,
    redirect: Option<String>,
    connections: u64,
}

#[derive(Clone, Debug, Serialize)]
struct Certificate {
    names: Vec<String>,
    not_after: Moment,
    /// Whole days; negative once it has expired.
    days_left: i64,
    /// The address of its listener.
    listener: String,
}

impl Status {
    pub(crate) fn of(desk: &Desk) -> Self {
        let Desk { handle, is_demo, .. } = desk;
        let (now, began) = (SystemTime::now(), handle.began());
        let not_ready = readiness::obstacles(handle);
        Self {
            version: env!("CARGO_PKG_VERSION"),
            started: Moment(began),
            now: Moment(now),
            uptime: now.duration_since(began).unwrap_or_default().as_secs_f64(),
            demo: *is_demo,
            draining: handle.shutdown().is_announced(),
            ready: not_ready.is_empty(),
            not_ready,
            generation: Generation::of(&handle.status()),
            workers: handle.scene().config.workers.get(),
            listeners: listeners(handle),
            certificates: certificates(handle, now),
        }
    }
}

impl Generation {
    fn of(status: &live::Status) -> Self {
        Self {
            number: status.generation,
            digest: status.digest.map(|digest| digest.to_string()),
            since: Moment(status.since),
            refused: status
                .refused
                .as_ref()
                .map(|refused| Refused { at: Moment(refused.at), why: refused.why.to_string() }),
        }
    }
}

fn listeners(handle: &Handle) -> Vec<Listener> {
    let open: BTreeMap<_, _> = handle.observed().listeners().collect();
    let places = handle.places().into_iter();
    let listeners = places.map(|(listen, address)| Listener {
        connections: open.get(listen.address.to_string().as_str()).map_or(0, |counts| counts.open),
        address: address.to_string(),
        scheme: scheme(&listen),
        redirect: listen.redirect.map(|Redirect { port }| format!("https:{port}")),
    });
    listeners.collect()
}

fn scheme(listen: &Listen) -> &'static str {
    if listen.is_secured() { "https" } else { "http" }
}

#[cfg(feature = "tls")]
fn certificates(handle: &Handle, now: SystemTime) -> Vec<Certificate> {
    let days = |time: std::time::Duration| i64::try_from(time.as_secs() / (24 * 60 * 60)).unwrap_or(i64::MAX);
    let certificates = handle.certificates().into_iter().map(|(address, facts)| Certificate {
        not_after: Moment(facts.not_after),
        days_left: match facts.not_after.duration_since(now) {
            Ok(left) => days(left),
            Err(since) => -1 - days(since.duration()),
        },
        names: facts.names,
        listener: address.to_string(),
    });
    certificates.collect()
}

#[cfg(not(feature = "tls"))]
fn certificates(_: &Handle, _: SystemTime) -> Vec<Certificate> {
    Vec::new()
}
