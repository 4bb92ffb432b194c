//! `health`: probes.

use std::num::{NonZeroU16, NonZeroU32};
use std::ops::RangeInclusive;
use std::time::Duration;

use balance::AllDown;
use http::uri::{Authority, PathAndQuery};
use toml::de::DeValue;

use crate::config::model::HealthCheck;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

const HEALTH: &str = "a table with a path, such as { path = \"/healthz\" }";
const PATH: &str = "visible ASCII from the slash on, such as \"/healthz\"";
const STATUS: &str = "a status such as 204, or a range such as \"200-299\"";
const HOST: &str = "a host as in a Host header, such as \"app.example\"";
const TWO: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);
const STATUSES: RangeInclusive<u16> = 200..=599;
const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);

/// Reads `health`. `None` if it is missing, or has no valid `path`.
pub(super) fn health(pool: &mut Section<'_>, report: &mut Report) -> Option<HealthCheck> {
    let mut section = pool.section("health", report, HEALTH)?;
    if !section.has("path") {
        report.error(section.problem("has no path").expecting("path = \"/…\""));
    }
    let path = section.read("path", report, path);
    let interval = section.read("interval", report, values::duration_from(SHORTEST_INTERVAL));
    let timeout = section.read("timeout", report, values::duration);
    let rise = section.read("rise", report, values::count(1..=10)).and_then(NonZeroU32::new);
    let fall = section.read("fall", report, values::count(1..=10)).and_then(NonZeroU32::new);
    let status = section.read("status", report, status);
    let host = section.read("host", report, host);
    let port = section.read("port", report, values::count(1..=65_535)).and_then(NonZeroU16::new);
    let all_down = section.read("all_down", report, all_down);
    section.finish(report);
    Some(HealthCheck {
        path: path?,
        interval: interval.unwrap_or(Duration::from_secs(10)),
        timeout: timeout.unwrap_or(Duration::from_secs(2)),
        rise: rise.unwrap_or(TWO),
        fall: fall.unwrap_or(TWO.saturating_add(1)),
        status: status.unwrap_or(200..=299),
        host,
        port,
        all_down: all_down.unwrap_or_default(),
    })
}

fn all_down(value: &Value<'_>) -> Result<AllDown, Problem> {
    values::choice("\"refuse\" or \"use\"", [("refuse", AllDown::Refuse), ("use", AllDown::Use)])(value)
}

fn host(value: &Value<'_>) -> Result<Authority, Problem> {
    let text = values::text(value, HOST)?;
    let host = text
        .parse::<Authority>()
        .ok()
        .filter(|host| !host.as_str().contains('@') && host.as_str().is_ascii());
    host.ok_or_else(|| {
        let expected = values::in_ascii(text, HOST);
        Problem::new(value.span(), format!("{} is no host", values::quoted(text))).expecting(expected)
    })
}

/// Reads `path`. `PathAndQuery`'s own parser isn't enough: it also accepts `*`, and drops a fragment without an error.
fn path(value: &Value<'_>) -> Result<PathAndQuery, Problem> {
    let text = values::text(value, PATH)?;
    let is_path = text.starts_with('/') && text.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    let path = Some(text).filter(|_| is_path).and_then(|text| text.parse().ok());
    path.ok_or_else(|| {
        Problem::new(value.span(), format!("{} is no path", values::quoted(text))).expecting(PATH)
    })
}

fn status(value: &Value<'_>) -> Result<RangeInclusive<u16>, Problem> {
    if let DeValue::Integer(_) = value.get_ref() {
        let only = values::count(u64::from(*STATUSES.start())..=u64::from(*STATUSES.end()))(value)?;
        return Ok(only..=only);
    }
    let text = values::text(value, STATUS)?;
    let range =
        range(text).filter(|range| STATUSES.contains(range.start()) && STATUSES.contains(range.end()));
    range.filter(|range| !range.is_empty()).ok_or_else(|| {
        let message = format!("{} is no status and no range within 200-599", values::quoted(text));
        Problem::new(value.span(), message).expecting(STATUS)
    })
}

/// Reads `LOW-HIGH` or one status, in digits only.
fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let number = |digits: &str| digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
    Some(number(low)?..=number(high)?)
}
