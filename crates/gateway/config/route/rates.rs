//! `rate_limit`: how often requests may come.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::time::Duration;

use http::HeaderName;
use toml::de::DeValue;

use crate::config::model::{RateKey, RateLimit};
use crate::config::pools::cookie;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

const RATE: &str = "a table such as { requests = 100, per = \"1m\" }, or an array of them";
const KEY: &str = "\"client\", \"route\", \"token\", \"header:NAME\" or \"cookie:NAME\"";
const NAME: &str = "1 to 64 letters, digits, - and _";
const MOST_LIMITS: usize = 8;

/// Reads `rate_limit`: one, or an array.
pub(super) fn rates(route: &mut Section<'_>, report: &mut Report) -> Vec<RateLimit> {
    let path = route.path_to("rate_limit");
    let Some(value) = route.take("rate_limit") else { return Vec::new() };
    let span = value.span();
    let tables = match value.get_ref() {
        DeValue::Array(_) => values::list(value, RATE).map(toml::Spanned::into_inner),
        _ => Ok(vec![value]),
    };
    let tables = report.keep(tables).unwrap_or_default();
    if tables.len() > MOST_LIMITS {
        let problem = Problem::new(span.clone(), format!("{path}: there are {} limits", tables.len()));
        report.error(problem.expecting(format!("up to {MOST_LIMITS}")));
    }
    let mut names = HashSet::new();
    let mut rates = Vec::with_capacity(tables.len());
    for table in tables {
        let Some(section) = report.keep(Section::open(path.clone(), table, RATE)) else { continue };
        let Some(rate) = rate(section, report) else { continue };
        if !names.insert(rate.name.clone()) {
            let problem = Problem::new(span.clone(), format!("{path}: two limits are named {}", rate.name));
            report.error(problem.expecting("a name = \"…\" for each limit with the same key"));
        }
        rates.push(rate);
    }
    rates
}

fn rate(mut section: Section<'_>, report: &mut Report) -> Option<RateLimit> {
    for key in ["requests", "per"] {
        if !section.has(key) {
            let problem = section.problem(format!("has no {key}"));
            report.error(problem.expecting("such as requests = 100, per = \"1m\""));
        }
    }
    let requests = section.read("requests", report, number);
    let per = section.read("per", report, values::duration_from(Duration::from_secs(1)));
    let burst = section.read("burst", report, number);
    let key = section.read("key", report, key).unwrap_or_default();
    let name = section.read("name", report, name);
    let keys = section.read("keys", report, values::count(8..=16_777_216));
    let shared = section.read("shared", report, shared);
    section.finish(report);
    let usual = RateLimit::new(requests?, per?, key);
    Some(RateLimit {
        name: name.unwrap_or(usual.name),
        burst: burst.unwrap_or(usual.burst),
        keys: keys.unwrap_or(usual.keys),
        shared: shared.unwrap_or(usual.shared),
        ..usual
    })
}

fn number(value: &Value<'_>) -> Result<NonZeroU32, Problem> {
    let number: u32 = values::count(1..=1_000_000)(value)?;
    Ok(NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN))
}

fn key(value: &Value<'_>) -> Result<RateKey, Problem> {
    let text = values::text(value, KEY)?;
    let refused =
        |why: &str| Problem::new(value.span(), format!("{} {why}", values::quoted(text))).expecting(KEY);
    match text.split_once(':') {
        Some(("header", name)) => {
            HeaderName::try_from(name).map(RateKey::Header).map_err(|_| refused("names no header field"))
        }
        Some(("cookie", name)) if cookie::is_name(name) => Ok(RateKey::Cookie(name.to_owned())),
        Some(("cookie", _)) => Err(refused("names no cookie")),
        _ => {
            let choices = [("client", RateKey::Client), ("route", RateKey::Route), ("token", RateKey::Token)];
            values::choice(KEY, choices)(value)
        }
    }
}

fn name(value: &Value<'_>) -> Result<String, Problem> {
    let text = values::text(value, NAME)?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=64).contains(&text.len()) && text.bytes().all(is_plain) {
        return Ok(text.to_owned());
    }
    let message = format!("{} is no name for a limit", values::quoted(text));
    Err(Problem::new(value.span(), message).expecting(NAME))
}

fn shared(value: &Value<'_>) -> Result<bool, Problem> {
    match values::boolean(value)? {
        #[cfg(not(feature = "redis"))]
        true => {
            Err(Problem::new(value.span(), "this program is built without redis").expecting("shared = false"))
        }
        is_shared => Ok(is_shared),
    }
}
