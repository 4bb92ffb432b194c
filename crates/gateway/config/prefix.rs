//! Which prefixes a route may have.
//!
//! A prefix has unreserved characters only (RFC 3986 §2.3), so its raw and its decoded form are the same. The router
//! matches the raw form, and who protects a prefix with a gate means the decoded one. The rule also excludes axum's
//! patterns, such as `{id}`.

use std::ops::Range;

use super::model::PathPattern;
use super::report::Problem;
use super::values::quoted;

/// Reads the prefix of a route.
pub(super) fn check(prefix: &str, span: &Range<usize>) -> Result<PathPattern, Problem> {
    check_as("the route", prefix, span)
}

/// Reads a path by the rules for prefixes. An error names `what` is wrong: a route or a page.
pub(super) fn check_as(what: &str, prefix: &str, span: &Range<usize>) -> Result<PathPattern, Problem> {
    PathPattern::prefix(prefix).map_err(|invalid| {
        Problem::new(span.clone(), format!("{what} {} {}", quoted(prefix), invalid.why))
            .expecting(invalid.expected)
    })
}

#[cfg(test)]
mod tests;
