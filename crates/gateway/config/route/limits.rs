//! `max_body`, `rate_limit`, `concurrency`, `buffer` and `timeouts` of a route.

use std::time::Duration;

use toml::de::DeValue;

use super::misplaced::OwnAnswer;
use super::rates::rates;
use crate::config::model::{Concurrency, Queue, RouteLimits, RouteTimeouts};
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

const CONCURRENCY: &str = "a number of requests, or a table such as { requests = 100, queue = 0 }";
const TIMEOUTS: &str = "a table such as { response_head = \"2m\" }";

/// The largest body that can be read before an upstream is asked. All of it stays in memory meanwhile.
const LARGEST_BUFFER: u64 = 16 << 20;

/// The keys of a route's `timeouts` that are about upstreams.
const OF_UPSTREAMS: [&str; 3] = ["response_head", "body_idle", "tunnel_idle"];

/// The keys of a pool's `timeouts` that a route can't have: its requests share the pool's connections.
const OF_THE_POOL: [&str; 1] = ["connect"];

/// Reads the limits of a route. `own` is how it answers requests itself, if it does.
pub(super) fn limits(route: &mut Section<'_>, own: Option<OwnAnswer>, report: &mut Report) -> RouteLimits {
    RouteLimits {
        max_body: route.read("max_body", report, max_body),
        rates: rates(route, report),
        concurrency: concurrency(route, report),
        buffer: route.read("buffer", report, values::size(1..=LARGEST_BUFFER)),
        timeouts: timeouts(route, own, report),
    }
}

/// Reads `max_body`. 0 is refused: nginx takes it as "no limit", other proxies as "no body".
fn max_body(value: &Value<'_>) -> Result<u64, Problem> {
    match values::size(0..=u64::MAX)(value)? {
        0 => Err(Problem::new(value.span(), "0 bytes would be no body or no limit")
            .expecting("a size such as \"10MiB\", or no max_body for no limit")),
        size => Ok(size),
    }
}

/// Reads `concurrency`: a number, or a table with a queue beside it.
fn concurrency(route: &mut Section<'_>, report: &mut Report) -> Option<Concurrency> {
    let path = route.path_to("concurrency");
    let value = route.take("concurrency")?;
    if let DeValue::Integer(_) = value.get_ref() {
        let requests = values::count(1..=1_000_000)(&value).map_err(|problem| problem.about(&path));
        return Some(Concurrency { requests: report.keep(requests)?, queue: Queue::default() });
    }
    let mut section = report.keep(Section::open(path, value, CONCURRENCY))?;
    if !section.has("requests") {
        report.error(section.problem("has no requests").expecting("requests = 100"));
    }
    let default = Queue::default();
    let requests = section.read("requests", report, values::count(1..=1_000_000));
    let size = section.read("queue", report, values::count(0..=100_000));
    let timeout = section.read("timeout", report, values::duration);
    section.finish(report);
    let queue = Queue { size: size.unwrap_or(default.size), timeout: timeout.unwrap_or(default.timeout) };
    Some(Concurrency { requests: requests?, queue })
}

fn timeouts(route: &mut Section<'_>, own: Option<OwnAnswer>, report: &mut Report) -> RouteTimeouts {
    let Some(mut section) = route.section("timeouts", report, TIMEOUTS) else {
        return RouteTimeouts::default();
    };
    if let Some(own) = own {
        own.refuse(&OF_UPSTREAMS, &mut section, report);
    }
    let mut read = |key| section.read(key, report, or_never);
    let timeouts = RouteTimeouts {
        response_head: read("response_head"),
        body_idle: read("body_idle"),
        tunnel_idle: read("tunnel_idle"),
        request: read("request"),
    };
    for key in OF_THE_POOL {
        if let Some(key) = section.take_misplaced(key) {
            let path = section.path_to(key.get_ref());
            let problem =
                Problem::new(key.span(), format!("{path}: all routes share the pool's connections"));
            report.error(problem.expecting(format!("{} in the timeouts of the pool", key.get_ref())));
        }
    }
    section.finish(report);
    timeouts
}

fn or_never(value: &Value<'_>) -> Result<Duration, Problem> {
    Ok(values::duration_or_off(value)?.unwrap_or(Duration::MAX))
}
