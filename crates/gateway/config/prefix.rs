//! Which prefixes a route may have, and which routes may stand side by side.
//!
//! A prefix has unreserved characters only (RFC 3986 §2.3), so its raw and its decoded form are the same. The router
//! matches the raw form, and who protects a prefix with a gate means the decoded one. The rule also excludes axum's
//! patterns, such as `{id}`.

use std::collections::BTreeMap;
use std::ops::Range;

use super::model::Route;
use super::report::{Problem, Report};
use super::values::quoted;

pub(super) fn check(prefix: &str, span: &Range<usize>) -> Result<(), Problem> {
    check_as("the route", prefix, span)
}

/// Checks a path by the rules for prefixes. An error names `what` is wrong: a route or a page.
pub(super) fn check_as(what: &str, prefix: &str, span: &Range<usize>) -> Result<(), Problem> {
    let refuse = |why: &str| Problem::new(span.clone(), format!("{what} {} {why}", quoted(prefix)));
    if prefix == "/" {
        return Ok(());
    }
    if let Some(strange) = prefix.chars().find(|c| !is_allowed(*c)) {
        let why = format!("holds the character {strange:?}");
        let expected = "a plain path prefix of letters, digits, - . _ ~ and /; it covers everything below it";
        return Err(refuse(&why).expecting(expected));
    }
    let Some(segments) = prefix.strip_prefix('/') else {
        return Err(refuse("doesn't begin with a slash").expecting(tidied(prefix)));
    };
    if prefix.ends_with('/') {
        return Err(refuse("ends in a slash").expecting(tidied(prefix)));
    }
    if segments.split('/').any(str::is_empty) {
        return Err(refuse("has an empty segment").expecting(tidied(prefix)));
    }
    if segments.split('/').any(|segment| segment == "." || segment == "..") {
        return Err(refuse("has a dot segment").expecting("a path without . and .."));
    }
    Ok(())
}

/// The prefix with its slashes put right, as a suggestion, if the result is a valid prefix.
fn tidied(prefix: &str) -> String {
    let segments: Vec<_> = prefix.split('/').filter(|segment| !segment.is_empty()).collect();
    let tidy = format!("/{}", segments.join("/"));
    match check(&tidy, &(0..0)) {
        Ok(()) => quoted(&tidy),
        Err(_) => "a plain path prefix, such as \"/api\"".to_owned(),
    }
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~/".contains(c)
}

/// Whether `path` is `prefix` or below it, segment by segment.
pub(super) fn lies_within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A route, and the place of its prefix in the file.
pub(super) type Named = (Range<usize>, Route);

/// Refuses routes by which a request could get around the gate of another route.
pub(super) fn check_together(routes: &[Named], report: &mut Report) {
    let mut in_file_order: Vec<_> = routes.iter().collect();
    in_file_order.sort_by_key(|(span, _)| span.start);
    refuse_case_twins(&in_file_order, report);
    refuse_open_below_gated(&in_file_order, report);
}

fn refuse_case_twins(routes: &[&Named], report: &mut Report) {
    let mut seen = BTreeMap::new();
    for (span, route) in routes {
        let Some(prefix) = route.matching.prefix() else { continue };
        if let Some(first) = seen.insert(prefix.to_ascii_lowercase(), prefix) {
            let message = format!("the routes {first} and {prefix} differ in case only");
            report.error(Problem::new(span.clone(), message).expecting("one of them"));
        }
    }
}

fn refuse_open_below_gated(routes: &[&Named], report: &mut Report) {
    let folded = |route: &Route| route.matching.prefix().map(str::to_ascii_lowercase);
    let (gated, open): (Vec<&Named>, Vec<&Named>) = routes.iter().partition(|(_, route)| route.is_gated());
    let gates: BTreeMap<String, &str> =
        gated.iter().filter_map(|(_, route)| Some((folded(route)?, route.matching.prefix()?))).collect();
    for (span, route) in open {
        let (Some(folded), Some(prefix)) = (folded(route), route.matching.prefix()) else { continue };
        if let Some(gate) = ancestors(&folded).find_map(|above| gates.get(above)) {
            let message = format!("the route {prefix} has no admin_tokens but lies below {gate}, which has");
            report
                .error(Problem::new(span.clone(), message).expecting("admin_tokens, or a prefix elsewhere"));
        }
    }
}

/// The prefixes above `prefix`: of `/a/b/c`, first `/a/b`, then `/a`. `/` isn't one of them, since a gate on `/` guards
/// only requests that no other route takes.
fn ancestors(prefix: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(prefix), |path| path.rsplit_once('/').map(|(above, _)| above))
        .skip(1)
        .filter(|path| !path.is_empty())
}

#[cfg(test)]
mod tests;
