//! `[timeouts]`, and the `timeouts` of a pool.

use std::time::Duration;

use super::model::{PoolTimeouts, Timeouts};
use super::report::{Problem, Report};
use super::section::Section;
use super::values::{self, Value, duration_never_off};

const TIMEOUTS: &str = "a table: [timeouts]";
const OF_A_POOL: &str = "a table such as { response_head = \"2m\" }";

const NO_CONNECTION: &str = "requests would wait for ever for an upstream that is gone";
const NO_HEAD: &str = "clients that say nothing would take every connection";
const NO_REQUEST: &str = "clients that have left would keep their connections";

/// The keys of `[timeouts]` that a pool can't have. They begin before it is known which pool a request goes to.
const BEFORE_A_POOL: [&str; 6] =
    ["request_head", "keep_alive", "request", "shutdown", "shutdown_delay", "drain"];

pub(super) fn timeouts(root: &mut Section<'_>, report: &mut Report) -> Timeouts {
    let default = Timeouts::default();
    let Some(mut section) = root.section("timeouts", report, TIMEOUTS) else { return default };
    let of_pools = shared(&mut section, &default.of_pools(), report);
    let request_head = section.read("request_head", report, duration_never_off(NO_HEAD));
    let keep_alive = section.read("keep_alive", report, duration_never_off(NO_REQUEST));
    let request = section.read("request", report, values::duration_or_off);
    let shutdown = section.read("shutdown", report, or_never);
    let shutdown_delay = section.read("shutdown_delay", report, values::duration_or_off);
    let drain = section.read("drain", report, or_never);
    section.finish(report);
    Timeouts {
        connect: of_pools.connect,
        response_head: of_pools.response_head,
        body_idle: of_pools.body_idle,
        request_head: request_head.unwrap_or(default.request_head),
        keep_alive: keep_alive.unwrap_or(default.keep_alive),
        tunnel_idle: of_pools.tunnel_idle,
        request: request.flatten(),
        shutdown: shutdown.unwrap_or(default.shutdown),
        shutdown_delay: shutdown_delay.flatten().unwrap_or_default(),
        drain: drain.unwrap_or(default.drain),
    }
}

/// The time limits of a pool: those that it sets itself, and otherwise those of `[timeouts]`.
pub(super) fn of_a_pool(pool: &mut Section<'_>, common: &Timeouts, report: &mut Report) -> PoolTimeouts {
    let common = common.of_pools();
    let Some(mut section) = pool.section("timeouts", report, OF_A_POOL) else { return common };
    let timeouts = shared(&mut section, &common, report);
    for key in BEFORE_A_POOL {
        if let Some(key) = section.take_misplaced(key) {
            let path = section.path_to(key.get_ref());
            let message = format!("{path}: this runs before a request has a pool");
            let expected = format!("{} in [timeouts], for the whole gateway", key.get_ref());
            report.error(Problem::new(key.span(), message).expecting(expected));
        }
    }
    section.finish(report);
    timeouts
}

/// Reads the keys that `[timeouts]` and a pool's `timeouts` have in common.
fn shared(section: &mut Section<'_>, otherwise: &PoolTimeouts, report: &mut Report) -> PoolTimeouts {
    let connect = section.read("connect", report, duration_never_off(NO_CONNECTION));
    let mut read = |key| section.read(key, report, or_never);
    PoolTimeouts {
        connect: connect.unwrap_or(otherwise.connect),
        response_head: read("response_head").unwrap_or(otherwise.response_head),
        body_idle: read("body_idle").unwrap_or(otherwise.body_idle),
        tunnel_idle: read("tunnel_idle").unwrap_or(otherwise.tunnel_idle),
    }
}

fn or_never(value: &Value<'_>) -> Result<Duration, Problem> {
    Ok(values::duration_or_off(value)?.unwrap_or(Duration::MAX))
}
