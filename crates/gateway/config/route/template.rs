//! Reads a text with values of a request in it.

use crate::config::fault::Fault;
use crate::config::model::{RouteTemplate, TemplateError};
use crate::config::report::Problem;
use crate::config::values::{Value, text};

/// Reads a template for a request. `captures` are the names that the route's path captures.
pub(super) fn template(
    value: &Value<'_>,
    captures: &[Box<str>],
    expected: &str,
) -> Result<RouteTemplate, Problem> {
    compiled(value, text(value, expected)?, 0, captures)
}

/// Reads a template for an answer.
pub(super) fn template_for_answers(
    value: &Value<'_>,
    captures: &[Box<str>],
    expected: &str,
) -> Result<RouteTemplate, Problem> {
    let template = RouteTemplate::compile_for_answers(text(value, expected)?, captures);
    template.map_err(|error| problem(error, 0, value))
}

/// Reads the part of a value that begins at its byte `offset`, as a template for a request.
pub(super) fn compiled(
    value: &Value<'_>,
    part: &str,
    offset: usize,
    captures: &[Box<str>],
) -> Result<RouteTemplate, Problem> {
    RouteTemplate::compile(part, captures).map_err(|error| problem(error, offset, value))
}

fn problem(error: TemplateError, offset: usize, value: &Value<'_>) -> Problem {
    let TemplateError { at, what, expected } = error;
    Fault::new(at.start + offset..at.end + offset, what, expected).within(value)
}
