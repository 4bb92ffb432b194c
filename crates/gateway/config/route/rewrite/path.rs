//! What becomes of a path: `strip_prefix`, `add_prefix` and `rewrite`.

use http::uri::PathAndQuery;
use proxy_service::path;

use super::super::template::{compiled, without_variables_and_groups};
use crate::config::model::{Matching, PathRewrite, RoutePart, RouteTemplate, RouteValue, Strip};
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{Value, quoted, text};

const STRIP: &str = "false, or a path such as \"/api\"";
const ADD: &str = "a path such as \"/v1\"";
const REWRITE: &str = "a path such as \"/v2/{path.rest}\", with a query behind ? or without";

pub(super) fn path(section: &mut Section<'_>, matching: &Matching, report: &mut Report) -> PathRewrite {
    let strip = section.read("strip_prefix", report, |value| strip(value, matching));
    let add = section.read("add_prefix", report, |value| plain(value, ADD));
    let (rewrites, has_prefixes) = (section.has("rewrite"), strip.is_some() || add.is_some());
    if rewrites && has_prefixes {
        let problem =
            section.problem("rewrite says the whole path, so nothing can be taken off or put before it");
        report.error(problem.expecting("either rewrite, or strip_prefix and add_prefix"));
    }
    match section.read("rewrite", report, |value| template(value, matching.captures())) {
        Some(rewrite) => rewrite,
        None => PathRewrite::Prefix { strip: strip.unwrap_or_default(), add: add.unwrap_or_default() },
    }
}

fn strip(value: &Value<'_>, matching: &Matching) -> Result<Strip, Problem> {
    match value.get_ref().as_bool() {
        Some(true) if matching.prefix().is_none() => {
            return Err(Problem::new(value.span(), "this route has no prefix").expecting(STRIP));
        }
        Some(true) => return Ok(Strip::Matched),
        Some(false) => return Ok(Strip::Nothing),
        None => {}
    }
    let prefix = plain(value, STRIP)?;
    let meets = |own: &str| own == "/" || lies_within(own, &prefix) || lies_within(&prefix, own);
    match matching.prefix() {
        Some(own) if !meets(own) => {
            let why = format!("no path of this route begins with {}", quoted(&prefix));
            Err(Problem::new(value.span(), why).expecting(STRIP))
        }
        _ => Ok(Strip::Prefix(prefix)),
    }
}

/// Whether `path` is `prefix` or below it, segment by segment.
fn lies_within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Reads a path with a slash before it and none behind it, whose bytes are those of a path.
fn plain(value: &Value<'_>, expected: &str) -> Result<String, Problem> {
    let found = text(value, expected)?;
    let refuse =
        |why: &str| Problem::new(value.span(), format!("{} {why}", quoted(found))).expecting(expected);
    if !found.starts_with('/') {
        return Err(refuse("doesn't begin with a slash"));
    }
    if found.ends_with('/') {
        return Err(refuse("ends in a slash"));
    }
    match is_path(found) {
        true => Ok(found.to_owned()),
        false => Err(refuse("is no path that may be forwarded")),
    }
}

fn is_path(text: &str) -> bool {
    let parsed = text.parse::<PathAndQuery>();
    path::check(text).is_ok()
        && parsed.is_ok_and(|parsed| parsed.as_str() == text && parsed.query().is_none())
}

fn template(value: &Value<'_>, captures: &[Box<str>]) -> Result<PathRewrite, Problem> {
    let whole = text(value, REWRITE)?;
    without_variables_and_groups(value, whole)?;
    let (path, query) = match whole.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (whole, None),
    };
    let behind = path.len() + 1;
    let path = compiled(value, path, 0, captures)?;
    let query = query.map(|query| compiled(value, query, behind, captures)).transpose()?;
    let refuse = |why: &str| Problem::new(value.span(), why).expecting(REWRITE);
    if path.values().any(|value| matches!(value, RouteValue::Uri | RouteValue::Query)) {
        return Err(refuse(
            "the query can't stand in the path; it stays as it is where the template has no ?",
        ));
    }
    if !matches!(path.parts().first(), Some(RoutePart::Text(text)) if text.starts_with('/'))
        && !matches!(path.parts().first(), Some(RoutePart::Value(RouteValue::Path)))
    {
        return Err(refuse("it doesn't begin with a slash"));
    }
    let example = format!("{}?{}", example(&path), query.as_ref().map(example).unwrap_or_default());
    let is_target = example.parse::<PathAndQuery>().is_ok_and(|parsed| parsed.as_str() == example);
    let is_path = path.constant().is_none_or(is_path);
    match is_target && is_path {
        true => Ok(PathRewrite::Template { path, query }),
        false => Err(refuse("this is no path that may be forwarded")),
    }
}

/// What comes of a template if each value is a letter.
fn example(template: &RouteTemplate) -> String {
    let parts = template.parts().iter().map(|part| match part {
        RoutePart::Text(text) => text,
        RoutePart::Value(RouteValue::Path) => "/x",
        RoutePart::Value(_) => "x",
    });
    parts.collect()
}
