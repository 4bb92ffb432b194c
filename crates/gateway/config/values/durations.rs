//! Reads durations: a text with a unit, or `"off"` for a time limit that can be turned off.

use std::time::Duration;

use toml::de::DeValue;

use super::{Value, quoted, text};
use crate::config::report::Problem;

/// A longer duration is probably a mistake. An `Instant` can be this much later without an overflow.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

const DURATION: &str = "a duration with its unit, such as \"5s\", \"500ms\" or \"1m 30s\"";

/// Reads a duration that is longer than zero and at most a year.
pub(in crate::config) fn duration(value: &Value<'_>) -> Result<Duration, Problem> {
    bounded(value, LONGEST, "at most a year")
}

/// As [`duration`], for what may last for up to ten years.
#[cfg(feature = "tls")]
pub(in crate::config) fn duration_in_years(value: &Value<'_>) -> Result<Duration, Problem> {
    bounded(value, LONGEST * 10, "at most ten years")
}

fn bounded(value: &Value<'_>, longest: Duration, at_most: &str) -> Result<Duration, Problem> {
    if is_off(value) {
        return Err(Problem::new(value.span(), "this can't be off").expecting(DURATION));
    }
    let text = match value.get_ref() {
        DeValue::Integer(number) => {
            let message = format!("the number {number} has no unit");
            return Err(Problem::new(value.span(), message).expecting(DURATION));
        }
        _ => text(value, DURATION)?,
    };
    let refuse =
        |why: String| Problem::new(value.span(), format!("{} {why}", quoted(text))).expecting(DURATION);
    match humantime::parse_duration(text) {
        Err(_) => Err(refuse("is no duration".to_owned())),
        Ok(Duration::ZERO) => Err(refuse("is zero".to_owned()).expecting("a duration longer than zero")),
        Ok(long) if long > longest => Err(refuse("is too long".to_owned()).expecting(at_most)),
        Ok(duration) => Ok(duration),
    }
}

/// As [`duration`], and at least `least`.
pub(in crate::config) fn duration_from(least: Duration) -> impl Fn(&Value<'_>) -> Result<Duration, Problem> {
    move |value| match duration(value)? {
        short if short < least => {
            let name = humantime::format_duration;
            let problem = Problem::new(value.span(), format!("{} is too short", name(short)));
            Err(problem.expecting(format!("at least {}", name(least))))
        }
        duration => Ok(duration),
    }
}

/// As [`duration`], or `None` for `"off"`.
pub(in crate::config) fn duration_or_off(value: &Value<'_>) -> Result<Option<Duration>, Problem> {
    if is_off(value) {
        return Ok(None);
    }
    duration(value).map(Some).map_err(|problem| {
        let expected = problem.expected.as_deref().unwrap_or(DURATION);
        let expected = format!("{expected}, or \"off\"");
        problem.expecting(expected)
    })
}

/// As [`duration`]. For `"off"`, the error says why this one can't be off.
pub(in crate::config) fn duration_never_off(
    why: &'static str,
) -> impl Fn(&Value<'_>) -> Result<Duration, Problem> {
    move |value| match is_off(value) {
        true => Err(Problem::new(value.span(), format!("this can't be off: {why}")).expecting(DURATION)),
        false => duration(value),
    }
}

fn is_off(value: &Value<'_>) -> bool {
    value.get_ref().as_str() == Some("off")
}
