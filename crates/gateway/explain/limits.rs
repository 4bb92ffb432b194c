//! What the limits of a route do with a request. A rehearsal isn't counted by them.

use humantime::format_duration;

use crate::config::{RateKey, RateLimit, Route};

/// The rates that are counted before the gate.
pub(super) fn by_sender(route: &Route) -> impl Iterator<Item = String> {
    route.limits.rates.iter().filter(|limit| limit.key != RateKey::Token).map(counts)
}

/// The rates that are counted behind it, by whom it has let in.
pub(super) fn by_user(route: &Route) -> impl Iterator<Item = String> {
    route.limits.rates.iter().filter(|limit| limit.key == RateKey::Token).map(counts)
}

fn counts(limit: &RateLimit) -> String {
    let whose = match &limit.key {
        RateKey::Client => "for the client's address".to_owned(),
        RateKey::Route => "for the whole route".to_owned(),
        RateKey::Token => "for its user".to_owned(),
        RateKey::Header(name) => format!("for the value of {name}"),
        RateKey::Cookie(name) => format!("for the cookie {name}"),
    };
    let where_ = if limit.shared { ", in Redis" } else { "" };
    let (requests, per, burst) = (limit.requests, format_duration(limit.per), limit.burst);
    format!("counts it {whose}{where_}: {requests} in {per}, {burst} at once; more is 429")
}

/// What it waits for before an upstream is asked.
pub(super) fn waits(route: &Route) -> impl Iterator<Item = String> {
    let buffer = route.limits.buffer.map(|most| format!("reads up to {most} bytes of its body first"));
    let places = route.limits.concurrency.as_ref().map(|limit| {
        let (size, timeout) = (limit.queue.size, format_duration(limit.queue.timeout));
        format!("at most {} in flight, {size} more wait for up to {timeout}; then 503", limit.requests)
    });
    buffer.into_iter().chain(places)
}
