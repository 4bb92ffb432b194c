//! Reads scalar values: texts, choices, durations, sizes, counts, networks, points in time.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use ipnet::IpNet;
use proxy_service::HeaderCase;
use toml::Spanned;
use toml::de::DeValue;
use toml::value::{Datetime, Offset, Time};

use super::foreign;
use super::report::Problem;
use super::secret::looks_secret;
use super::suggest::nearest;

#[cfg(feature = "tls")]
pub(super) use durations::duration_in_years;
pub(super) use durations::{duration, duration_from, duration_never_off, duration_or_off};
pub(super) use sizes::size;

mod durations;
mod sizes;

/// A value, and its place in the file.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

const NETWORK: &str = "a network or an address, such as \"10.0.0.0/8\" or \"::1\"";
const TIMESTAMP: &str = "a date and time with its offset, such as 2027-01-01T00:00:00Z";

pub(super) fn wrong_type(value: &Value<'_>, expected: &str) -> Problem {
    let found = match value.get_ref() {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a floating-point number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    };
    Problem::new(value.span(), format!("found {found}")).expecting(expected)
}

/// A text in quotes, for an error: escaped, shortened, and masked if it looks like a secret.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        _ if looks_secret(text) => "\"…\"".to_owned(),
        Some((cut, _)) => format!("\"{}…\"", text.get(..cut).unwrap_or_default().escape_debug()),
        None => format!("\"{}\"", text.escape_debug()),
    }
}

pub(super) fn text<'a>(value: &'a Value<'_>, expected: &str) -> Result<&'a str, Problem> {
    value.get_ref().as_str().ok_or_else(|| wrong_type(value, expected))
}

/// What an error says is expected instead of a host. If `text` has letters outside ASCII, it adds that names need their
/// ASCII form.
pub(super) fn in_ascii(text: &str, expected: &str) -> String {
    match text.is_ascii() {
        true => expected.to_owned(),
        false => format!("{expected}, and a name in other letters in its xn-- form (RFC 5890)"),
    }
}

/// The items of an array, with the span of the array.
pub(super) fn list<'i>(value: Value<'i>, expected: &str) -> Result<Spanned<Vec<Value<'i>>>, Problem> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Array(items) => Ok(Spanned::new(span, items.into_iter().collect())),
        other => Err(wrong_type(&Spanned::new(span, other), expected)),
    }
}

pub(super) fn boolean(value: &Value<'_>) -> Result<bool, Problem> {
    value.get_ref().as_bool().ok_or_else(|| wrong_type(value, "true or false"))
}

/// Whether the value is `false`, which turns off a setting that is on by default.
pub(super) fn is_false(value: &Value<'_>) -> bool {
    value.get_ref().as_bool() == Some(false)
}

/// Reads one of the names in `choices`, and returns what it stands for.
pub(super) fn choice<T, const N: usize>(
    expected: &str,
    choices: [(&str, T); N],
) -> impl FnOnce(&Value<'_>) -> Result<T, Problem> {
    move |value| {
        let found = text(value, expected)?;
        let names = || choices.iter().map(|(name, _)| *name);
        let translated = names().find(|name| foreign::ours(found).contains(name));
        let suggestion = translated.or_else(|| nearest(found, names()));
        let expected = match suggestion {
            Some(suggestion) => format!("{expected} (did you mean {suggestion}?)"),
            None => expected.to_owned(),
        };
        let chosen = choices.into_iter().find(|(name, _)| *name == found).map(|(_, choice)| choice);
        let refused = || Problem::new(value.span(), format!("found {}", quoted(found))).expecting(expected);
        chosen.ok_or_else(refused)
    }
}

/// Reads the case in which field names are written.
pub(super) fn header_case(value: &Value<'_>) -> Result<HeaderCase, Problem> {
    choice("\"lower\" or \"title\"", [("lower", HeaderCase::Lower), ("title", HeaderCase::Title)])(value)
}

/// Reads a whole number within `range`.
pub(super) fn count<T: TryFrom<u64>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&Value<'_>) -> Result<T, Problem> {
    move |value| {
        let expected = format!("a number from {} to {}", range.start(), range.end());
        within(&range, integer(value, &expected)?, value, "")
    }
}

/// Reads a number from 0 to 1.
pub(super) fn share(value: &Value<'_>) -> Result<f64, Problem> {
    const SHARE: &str = "a share from 0 to 1, such as 0.1";
    let number = match value.get_ref() {
        DeValue::Integer(number) => number.as_str().parse().ok(),
        DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
        _ => return Err(wrong_type(value, SHARE)),
    };
    let share = number.filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| Problem::new(value.span(), "this is no share").expecting(SHARE))
}

fn integer(value: &Value<'_>, expected: &str) -> Result<u64, Problem> {
    let number = value.get_ref().as_integer().ok_or_else(|| wrong_type(value, expected))?;
    u64::from_str_radix(number.as_str(), number.radix())
        .map_err(|_| Problem::new(value.span(), format!("{number} is out of range")).expecting(expected))
}

fn within<T: TryFrom<u64>>(
    range: &RangeInclusive<u64>,
    number: u64,
    value: &Value<'_>,
    unit: &str,
) -> Result<T, Problem> {
    let in_range = Some(number).filter(|number| range.contains(number));
    in_range.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
        let expected = format!("{} to {}{unit}", range.start(), range.end());
        Problem::new(value.span(), format!("{number}{unit} is out of range")).expecting(expected)
    })
}

/// Reads a network in CIDR notation, or a single address.
pub(super) fn network(value: &Value<'_>) -> Result<IpNet, Problem> {
    let text = text(value, NETWORK)?;
    let refuse = |why: &str| Problem::new(value.span(), format!("{} {why}", quoted(text)));
    let parsed = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let network = parsed.map_err(|_| refuse("is no network").expecting(NETWORK))?;
    if let IpAddr::V6(address) = network.addr()
        && address.to_ipv4_mapped().is_some()
    {
        return Err(refuse("is an IPv4 network written as IPv6")
            .expecting("its IPv4 form, in which peers are compared"));
    }
    if network.addr() != network.network() {
        let (whole, single) = (network.trunc(), IpNet::from(network.addr()));
        return Err(refuse("has bits set past its prefix").expecting(format!("{whole}, or {single} for one")));
    }
    Ok(network)
}

/// Reads a point in time: a TOML date-time with its offset, or a string with one. An error doesn't show the string,
/// since the value beside it is a secret and the two may be mixed up.
pub(super) fn timestamp(value: &Value<'_>) -> Result<SystemTime, Problem> {
    let refuse = |why: String| Problem::new(value.span(), why).expecting(TIMESTAMP);
    let datetime = match value.get_ref() {
        DeValue::Datetime(datetime) => *datetime,
        DeValue::String(text) => text.parse().map_err(|_| refuse("this is no date and time".to_owned()))?,
        _ => return Err(wrong_type(value, TIMESTAMP)),
    };
    in_utc(&datetime).ok_or_else(|| refuse(format!("{datetime} is no point in time")))
}

fn in_utc(datetime: &Datetime) -> Option<SystemTime> {
    let time = datetime.time?;
    let minutes_ahead = match datetime.offset? {
        Offset::Z => 0,
        Offset::Custom { minutes } => minutes,
    };
    let time = Time { second: Some(time.second.unwrap_or_default()), ..time };
    let as_if_utc = Datetime { date: datetime.date, time: Some(time), offset: None };
    let as_if_utc = humantime::parse_rfc3339_weak(&as_if_utc.to_string()).ok()?;
    let ahead = Duration::from_secs(60 * u64::from(minutes_ahead.unsigned_abs()));
    if minutes_ahead < 0 { as_if_utc.checked_add(ahead) } else { as_if_utc.checked_sub(ahead) }
}

#[cfg(test)]
mod tests;
