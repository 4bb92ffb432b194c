//! The API's answers as text for people.

use super::columns::{Columns, NOTHING, duration, percent, printable, tenths};
use super::seen::{Config, Endpoint, Errors, Failure, Pool, Pools, Reloaded, Routes, Status};

pub(super) fn status(status: &Status) -> String {
    let mut text =
        format!("gateway {}, up for {}, {}\n", status.version, duration(status.uptime), readiness(status));
    let generation = &status.generation;
    text += &format!("configuration {} since {}\n", generation.number, generation.since);
    if let Some(refused) = &generation.refused {
        text += &format!("  the last one was refused at {}: {}\n", refused.at, printable(&refused.why));
    }
    text += &format!("{} workers\n", status.workers);
    for listener in &status.listeners {
        let (scheme, address) = (&listener.scheme, &listener.address);
        text += &format!("listens on {scheme}://{address}, {} connections\n", listener.connections);
    }
    for certificate in &status.certificates {
        let names = certificate.names.join(", ");
        let (days, end) = (certificate.days_left, &certificate.not_after);
        text += &format!("certificate for {names} until {end}, {days:.0} days left\n");
    }
    text
}

/// Whether it takes requests, and why not.
pub(super) fn readiness(status: &Status) -> String {
    match status {
        Status { draining: true, .. } => "draining".to_owned(),
        Status { ready: true, .. } => "ready".to_owned(),
        _ => format!("NOT READY: {}", printable(&status.not_ready.join("; "))),
    }
}

pub(super) fn pools(pools: &Pools) -> String {
    pools.pools.iter().map(pool).collect::<Vec<_>>().join("\n")
}

pub(super) fn pool(pool: &Pool) -> String {
    let (usable, all) = (pool.usable, pool.endpoints.len());
    let mut text = format!("{}  {}  {usable} of {all} usable", pool.name, pool.policy);
    text += &format!(", {} retries, {} failovers\n", pool.retries, pool.failovers);
    text + &endpoints(&pool.endpoints)
}

pub(super) fn endpoint(endpoint: &Endpoint) -> String {
    endpoints(std::slice::from_ref(endpoint))
}

fn endpoints(endpoints: &[Endpoint]) -> String {
    let mut table = Columns::new([
        "ENDPOINT",
        "STATE",
        "WEIGHT",
        "SHARE",
        "REQ/S",
        "REQUESTS",
        "FAILED",
        "IN FLIGHT",
        "LATENCY",
        "CONNS",
        "ID",
        "WHY",
    ]);
    for endpoint in endpoints {
        table.add([
            endpoint.url.clone(),
            endpoint.state.clone(),
            endpoint.weight.to_string(),
            percent(endpoint.share),
            tenths(endpoint.requests_per_second),
            endpoint.requests.to_string(),
            endpoint.failures.to_string(),
            endpoint.in_flight.to_string(),
            endpoint.latency_ms.map_or_else(|| NOTHING.to_owned(), |latency| format!("{latency:.1}ms")),
            endpoint.connections.open.to_string(),
            endpoint.id.clone(),
            why(endpoint),
        ]);
    }
    table.text()
}

/// Why an endpoint is in its state, or else its last error.
pub(super) fn why(endpoint: &Endpoint) -> String {
    let last = || {
        let last = endpoint.last_error.as_ref()?;
        let id = last.request_id.as_deref().unwrap_or(NOTHING);
        Some(format!("last error: {} at {} (request {id})", last.error, last.at))
    };
    let said = endpoint.why.clone().filter(|why| !why.is_empty());
    said.or_else(last).unwrap_or_default()
}

pub(super) fn routes(routes: &Routes) -> String {
    let mut table = Columns::new([
        "ROUTE",
        "TAKES",
        "TO",
        "GATE",
        "REQ/S",
        "ERR/S",
        "P50 MS",
        "P99 MS",
        "IN FLIGHT",
        "REQUESTS",
        "ERRORS",
    ]);
    for route in &routes.routes {
        table.add([
            route.name.clone(),
            route.takes.clone(),
            route.to.clone(),
            if route.gated { "gated" } else { "open" }.to_owned(),
            tenths(route.requests_per_second),
            tenths(route.errors_per_second),
            tenths(route.p50_ms),
            tenths(route.p99_ms),
            route.in_flight.to_string(),
            route.requests.to_string(),
            route.errors.to_string(),
        ]);
    }
    table.text()
}

pub(super) fn errors(errors: &Errors) -> String {
    if errors.errors.is_empty() {
        return "no errors\n".to_owned();
    }
    let mut table =
        Columns::new(["AT", "STATUS", "ERROR", "METHOD", "PATH", "CLIENT", "UPSTREAM", "REQUEST ID"]);
    let or_nothing = |text: &Option<String>| text.clone().unwrap_or_else(|| NOTHING.to_owned());
    for error in &errors.errors {
        table.add([
            error.at.clone(),
            error.status.map_or_else(|| NOTHING.to_owned(), |status| status.to_string()),
            or_nothing(&error.error),
            or_nothing(&error.method),
            or_nothing(&error.path),
            or_nothing(&error.client),
            or_nothing(&error.upstream),
            or_nothing(&error.request_id),
        ]);
    }
    table.text()
}

/// One error in a line.
pub(super) fn failure(error: &Failure) -> String {
    let status = error.status.map(|status| status.to_string());
    let said = status.as_deref().into_iter().chain(error.error.as_deref()).collect::<Vec<_>>().join(" ");
    let upstream = error.upstream.as_ref().map_or_else(String::new, |upstream| format!(" at {upstream}"));
    let or_nothing = |text: &Option<String>| text.clone().unwrap_or_else(|| NOTHING.to_owned());
    let (method, path, id) =
        (or_nothing(&error.method), or_nothing(&error.path), or_nothing(&error.request_id));
    printable(&format!("{}  error  {said}{upstream}: {method} {path} (request {id})", error.at))
}

pub(super) fn config(config: &Config) -> String {
    let file = config.file.as_ref().map_or_else(String::new, |file| format!("# {file}\n"));
    let text = config.text.clone().unwrap_or_else(|| "# It was not read from a file.\n".to_owned());
    file + &text
}

pub(super) fn reloaded(reloaded: &Reloaded) -> String {
    let mut text = format!("configuration {} runs\n", reloaded.generation);
    for (what, keys) in
        [("added", &reloaded.added), ("changed", &reloaded.changed), ("removed", &reloaded.removed)]
    {
        if !keys.is_empty() {
            text += &format!("  {what}: {}\n", keys.join(", "));
        }
    }
    text
}
