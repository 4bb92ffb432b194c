//! Which requests a route takes: the conditions of `[[route]]`.

use std::ops::Range;

use http::Method;

use super::tests_of_values::{header_tests, query_tests, regex};
use crate::config::model::{ClientScheme, HostPattern, InvalidPath, Matching, PathPattern};
use crate::config::prefix;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value, quoted};

const PATHS: &str =
    "prefix = \"/users\", exact = \"/users\", path = \"/users/{id}\" or regex = \"^/users/[0-9]+$\"";
const PREFIX: &str = "a path prefix, such as \"/api\"";
const EXACT: &str = "a path, such as \"/users\"";
const PATTERN: &str = "a pattern, such as \"/users/{id}/{*rest}\"";
const HOSTS: &str = "a host or a list of hosts, such as [\"api.example.com\", \"*.example.org\"]";
const METHODS: &str = "a list of methods, such as [\"GET\", \"POST\"]";
const CLIENTS: &str = "a network or a list of networks, such as [\"10.0.0.0/8\"]";
const PRIORITY: &str = "a whole number, such as 10 or -10";

/// Reads the conditions, and says where the path stands.
pub(super) fn matching(section: &mut Section<'_>, report: &mut Report) -> (Range<usize>, Matching) {
    let (span, path) = path(section, report);
    let matching = with_regex(section, Matching::path(path), &span, report);
    let matching = Matching {
        hosts: one_or_list(section, "host", HOSTS, report, host),
        methods: one_or_list(section, "methods", METHODS, report, method),
        headers: header_tests(section, report),
        query: query_tests(section, report),
        clients: one_or_list(section, "client", CLIENTS, report, values::network),
        scheme: section.read("scheme", report, scheme),
        priority: section.read("priority", report, priority).unwrap_or_default(),
        ..matching
    };
    (span, matching)
}

/// Reads what the path has to be. If it isn't valid it is any, so that the rest can be checked.
fn path(section: &mut Section<'_>, report: &mut Report) -> (Range<usize>, PathPattern) {
    let prefix = section.read("prefix", report, |value| {
        let text = values::text(value, PREFIX)?;
        Ok((value.span(), prefix::check(text, &value.span())?))
    });
    let exact = section.read("exact", report, |value| pattern(value, EXACT, PathPattern::exact));
    let pattern = section.read("path", report, |value| pattern(value, PATTERN, PathPattern::pattern));
    let mut all = [prefix, exact, pattern].into_iter().flatten();
    let first = all.next();
    if let Some((span, _)) = all.next() {
        report.error(Problem::new(span, "the path is said twice").expecting(format!("one of {PATHS}")));
    }
    first.unwrap_or_else(|| (section.span(), PathPattern::root()))
}

fn pattern(
    value: &Value<'_>,
    expected: &str,
    read: impl Fn(&str) -> Result<PathPattern, InvalidPath>,
) -> Result<(Range<usize>, PathPattern), Problem> {
    let pattern = read(values::text(value, expected)?).map_err(|invalid| refused(value, invalid))?;
    Ok((value.span(), pattern))
}

fn refused(value: &Value<'_>, InvalidPath { why, expected }: InvalidPath) -> Problem {
    let text = value.get_ref().as_str().unwrap_or_default();
    Problem::new(value.span(), format!("the path {} {why}", quoted(text))).expecting(expected)
}

/// Adds the regular expression that the path has to match as well.
fn with_regex(
    section: &mut Section<'_>,
    matching: Matching,
    span: &Range<usize>,
    report: &mut Report,
) -> Matching {
    let regex = section.read("regex", report, |value| {
        let regex = regex(value)?;
        match matching.exact_path() {
            Some(path) if !regex.is_match(path.as_bytes()) => {
                let why = format!("this can never hold: {} doesn't match it", quoted(path));
                Err(Problem::new(value.span(), why).expecting("exact or regex alone"))
            }
            _ => Ok((value.span(), regex)),
        }
    });
    let (span, together) = match regex {
        Some((span, regex)) => (span, matching.clone().regex(regex)),
        None => (span.clone(), matching.clone().checked()),
    };
    let refused =
        |InvalidPath { why, expected }| Problem::new(span, format!("the path {why}")).expecting(expected);
    report.keep(together.map_err(refused)).unwrap_or(matching)
}

/// Reads a list, or one item without its brackets. An empty list is refused, since nothing would fit it.
fn one_or_list<T>(
    section: &mut Section<'_>,
    key: &'static str,
    expected: &str,
    report: &mut Report,
    read: impl Fn(&Value<'_>) -> Result<T, Problem>,
) -> Vec<T> {
    let path = section.path_to(key);
    let Some(value) = section.take(key) else { return Vec::new() };
    if value.get_ref().as_str().is_some() {
        return report.keep(read(&value).map_err(|problem| problem.about(&path))).into_iter().collect();
    }
    let items = report.keep(values::list(value, expected).map_err(|problem| problem.about(&path)));
    let Some(items) = items else { return Vec::new() };
    if items.get_ref().is_empty() {
        let problem =
            Problem::new(items.span(), "this can never hold: the list is empty").expecting(expected);
        report.error(problem.about(&path));
    }
    let items = items.get_ref().iter();
    items.filter_map(|item| report.keep(read(item).map_err(|problem| problem.about(&path)))).collect()
}

fn host(value: &Value<'_>) -> Result<HostPattern, Problem> {
    let text = values::text(value, HOSTS)?;
    text.parse().map_err(|error: crate::config::model::InvalidHost| {
        let expected = match text {
            "target" | "preserve" => {
                format!("{HOSTS}; which Host the upstream gets is said by upstream_host")
            }
            _ => error.expected,
        };
        Problem::new(value.span(), format!("the host {} {}", quoted(text), error.why)).expecting(expected)
    })
}

fn method(value: &Value<'_>) -> Result<Method, Problem> {
    let method = super::method::method(value, METHODS)?;
    let never = |why: &str| Problem::new(value.span(), format!("\"{method}\" can never hold: {why}"));
    match method {
        Method::TRACE => Err(never("the gateway answers it with 405").expecting(METHODS)),
        Method::CONNECT => Err(never("a WebSocket over HTTP/2 counts as GET").expecting(METHODS)),
        _ => Ok(method),
    }
}

fn scheme(value: &Value<'_>) -> Result<ClientScheme, Problem> {
    values::choice("\"http\" or \"https\"", [("http", ClientScheme::Http), ("https", ClientScheme::Https)])(
        value,
    )
}

fn priority(value: &Value<'_>) -> Result<i32, Problem> {
    let number = value.get_ref().as_integer().ok_or_else(|| values::wrong_type(value, PRIORITY))?;
    i32::from_str_radix(number.as_str(), number.radix())
        .map_err(|_| Problem::new(value.span(), format!("{number} is out of range")).expecting(PRIORITY))
}
