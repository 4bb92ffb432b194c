//! `[routes."/prefix"]`: a route, and what happens to the requests below its prefix.

use http::HeaderValue;
use proxy_service::{HostPolicy, Upgrades};

use super::context::Context;
use super::model::Route;
use super::pools::Pools;
use super::prefix;
use super::report::{Problem, Report};
use super::section::Section;
use super::tokens::admin_tokens;
use super::values::{self, Value};

const ROUTES: &str = "a table of routes: [routes.\"/prefix\"]";
const ROUTE: &str = "a table: [routes.\"/prefix\"] with a pool";
const HOST: &str = "\"target\" or \"preserve\"";
const UPGRADES: &str = "protocols such as [\"websocket\"], [\"tcp\"] or [\"SPDY/3.1\"], or [] for none";

pub(super) fn routes(
    root: &mut Section<'_>,
    pools: &Pools,
    context: &Context<'_>,
    report: &mut Report,
) -> Vec<Route> {
    if !root.has("routes") {
        report.error(root.problem("there are no routes").expecting("at least one [routes.\"/prefix\"]"));
    }
    let sections = root.named_sections("routes", ROUTES, ROUTE, report);
    let mut named: Vec<prefix::Named> = sections
        .into_iter()
        .map(|(prefix, section)| {
            let span = prefix.span();
            let prefix = prefix.into_inner().into_owned();
            report.keep(prefix::check(&prefix, &span));
            (span, route(prefix, section, pools, context, report))
        })
        .collect();
    named.sort_by(|(_, a), (_, b)| a.prefix.cmp(&b.prefix));
    prefix::check_together(&named, report);
    named.into_iter().map(|(_, route)| route).collect()
}

/// Reads one route. If its pool isn't valid it gets the first one, so that the rest can be checked; the route is never
/// used, since the file has an error.
fn route(
    prefix: String,
    mut section: Section<'_>,
    pools: &Pools,
    context: &Context<'_>,
    report: &mut Report,
) -> Route {
    if !section.has("pool") {
        report.error(section.problem("has no pool").expecting("pool = \"NAME\""));
    }
    let route = Route {
        prefix,
        pool: section.read("pool", report, |value| pools.find(value)).unwrap_or_default(),
        admin_tokens: admin_tokens(&mut section, context, report),
        max_body: section.read("max_body", report, max_body),
        host: section.read("host", report, host).unwrap_or_default(),
        upgrade: upgrades(&mut section, report),
    };
    section.finish(report);
    route
}

/// Reads `max_body`. 0 is refused: nginx takes it as "no limit", other proxies as "no body".
fn max_body(value: &Value<'_>) -> Result<u64, Problem> {
    match values::size(0..=u64::MAX)(value)? {
        0 => Err(Problem::new(value.span(), "0 bytes would be no body or no limit")
            .expecting("a size such as \"10MiB\", or no max_body for no limit")),
        size => Ok(size),
    }
}

fn host(value: &Value<'_>) -> Result<HostPolicy, Problem> {
    match values::text(value, HOST)? {
        "target" => Ok(HostPolicy::Target),
        "preserve" => Ok(HostPolicy::Preserve),
        other => Err(Problem::new(value.span(), format!("found {}", values::quoted(other))).expecting(HOST)),
    }
}

fn upgrades(route: &mut Section<'_>, report: &mut Report) -> Upgrades {
    let path = route.path_to("upgrade");
    let Some(items) = route.list("upgrade", report, UPGRADES) else {
        return Upgrades::default();
    };
    let read = |value| report.keep(upgrade(value).map_err(|problem| problem.about(&path)));
    Upgrades::only(items.get_ref().iter().filter_map(read))
}

/// Reads the name of a protocol, and its version if it has one (RFC 9110 §7.8).
fn upgrade(value: &Value<'_>) -> Result<HeaderValue, Problem> {
    let refuse = |why: String| Problem::new(value.span(), why).expecting(UPGRADES);
    let protocol = values::text(value, UPGRADES)?;
    let (name, version) = protocol.split_once('/').unwrap_or((protocol, "1"));
    if BYPASSES.iter().any(|bypass| bypass.eq_ignore_ascii_case(name)) {
        return Err(refuse(format!("an upgrade to {protocol} would bypass the gateway's gates")));
    }
    match HeaderValue::from_str(protocol) {
        Ok(value) if is_token(name) && is_token(version) => Ok(value),
        _ => Err(refuse(format!("{} is no protocol", values::quoted(protocol)))),
    }
}

/// Protocols that carry further requests, or hide them. They would go through the tunnel, past the gates.
const BYPASSES: [&str; 5] = ["h2c", "h2", "h3", "http", "tls"];

/// Whether `text` is a token (RFC 9110 §5.6.2).
fn is_token(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_allowed)
}
