//! `headers = { x-tenant = "a" }`, `query = { version = { prefix = "2" } }`: what values have to be.

use std::ops::Range;

use http::HeaderName;
use toml::Spanned;
use toml::de::DeValue;

use crate::config::model::{Pattern, ValueTest};
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value, quoted, wrong_type};

const HEADERS: &str = "a table, such as { \"x-tenant\" = \"a\", \"x-debug\" = { exists = true } }";
const QUERY: &str = "a table, such as { version = \"2\", debug = { exists = true } }";
const TEST: &str = "a text, or a table with one of exact, prefix, suffix, contains, regex, exists, not, such as { prefix = \"v2\" }";
const REGEX: &str = "a regular expression, such as \"^/users/[0-9]+$\"";
const TEXT: &str = "a text that isn't empty";

/// Reads what header fields have to be.
pub(super) fn header_tests(section: &mut Section<'_>, report: &mut Report) -> Vec<(HeaderName, ValueTest)> {
    let mut tests: Vec<(HeaderName, ValueTest)> = Vec::new();
    let path = section.path_to("headers");
    for (name, test) in named_tests(section, "headers", HEADERS, report) {
        let wrong = |why: &str| Problem::new(name.1.clone(), format!("{path}: {} {why}", quoted(&name.0)));
        match HeaderName::try_from(&*name.0) {
            Ok(host) if host == http::header::HOST => {
                report.error(wrong("is a condition of its own").expecting("host = \"NAME\" beside headers"));
            }
            Ok(field) if tests.iter().any(|(other, _)| *other == field) => {
                report.error(wrong("stands here twice").expecting("each header once, in any case"));
            }
            Ok(field) => tests.push((field, test)),
            Err(_) => report.error(wrong("is no name of a header").expecting(HEADERS)),
        }
    }
    tests
}

/// Reads what query parameters have to be.
pub(super) fn query_tests(section: &mut Section<'_>, report: &mut Report) -> Vec<(Box<str>, ValueTest)> {
    let tests = named_tests(section, "query", QUERY, report);
    tests.into_iter().map(|((name, _), test)| (name, test)).collect()
}

/// Reads a regular expression.
pub(super) fn regex(value: &Value<'_>) -> Result<Pattern, Problem> {
    let text = values::text(value, REGEX)?;
    Pattern::new(text).map_err(|invalid| Problem::new(value.span(), invalid.to_string()).expecting(REGEX))
}

/// A name, and its place in the file.
type Name = (Box<str>, Range<usize>);

fn named_tests(
    section: &mut Section<'_>,
    key: &'static str,
    expected: &str,
    report: &mut Report,
) -> Vec<(Name, ValueTest)> {
    let path = section.path_to(key);
    let Some(value) = section.take(key) else { return Vec::new() };
    let span = value.span();
    let entries = match value.into_inner() {
        DeValue::Table(entries) => entries,
        other => {
            report.error(wrong_type(&Spanned::new(span, other), expected).about(&path));
            return Vec::new();
        }
    };
    if entries.is_empty() {
        report.error(Problem::new(span, "there is no condition in it").expecting(expected).about(&path));
    }
    let tests = entries.into_iter().filter_map(|(name, value)| {
        let path = format!("{path}.{}", name.get_ref());
        let test = test(path, value, report)?;
        Some(((Box::from(&**name.get_ref()), name.span()), test))
    });
    tests.collect()
}

fn test(path: String, value: Value<'_>, report: &mut Report) -> Option<ValueTest> {
    if let Some(text) = value.get_ref().as_str() {
        return Some(ValueTest::Exact(text.into()));
    }
    let before = report.errors();
    let mut table = report.keep(Section::open(path, value, TEST))?;
    let exact = |value: &Value<'_>| Ok(values::text(value, TEST)?.into());
    let not = table.take("not");
    let mut tests: Vec<ValueTest> = [
        table.read("exact", report, exact).map(ValueTest::Exact),
        table.read("prefix", report, part).map(ValueTest::Prefix),
        table.read("suffix", report, part).map(ValueTest::Suffix),
        table.read("contains", report, part).map(ValueTest::Contains),
        table.read("regex", report, regex).map(ValueTest::Regex),
        table.read("exists", report, values::boolean).map(|exists| match exists {
            true => ValueTest::Exists,
            false => ValueTest::Not(Box::new(ValueTest::Exists)),
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    let path = table.path_to("not");
    let not = not.and_then(|value| test(path, value, report));
    tests.extend(not.map(|test| ValueTest::Not(Box::new(test))));
    let several = table.problem("found no condition, or several").expecting(TEST);
    table.finish(report);
    match tests.pop() {
        Some(test) if tests.is_empty() => Some(test),
        None if report.errors() > before => None,
        _ => {
            report.error(several);
            None
        }
    }
}

/// Reads a part of a value.
fn part(value: &Value<'_>) -> Result<Box<str>, Problem> {
    match values::text(value, TEXT)? {
        "" => Err(Problem::new(value.span(), "every value would fit").expecting(TEXT)),
        text => Ok(text.into()),
    }
}
