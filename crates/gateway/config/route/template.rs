//! Reads a text with values of a request in it.

use crate::config::fault::Fault;
use crate::config::model::{RouteTemplate, TemplateError};
use crate::config::report::Problem;
use crate::config::values::{Value, text};
use crate::config::variables;

/// Reads a template for a request. `captures` are the names that the route's path captures.
pub(super) fn template(
    value: &Value<'_>,
    captures: &[Box<str>],
    expected: &str,
) -> Result<RouteTemplate, Problem> {
    let text = text(value, expected)?;
    without_variables(value, text)?;
    compiled(value, text, 0, captures)
}

/// Reads a template for an answer.
pub(super) fn template_for_answers(
    value: &Value<'_>,
    captures: &[Box<str>],
    expected: &str,
) -> Result<RouteTemplate, Problem> {
    let text = text(value, expected)?;
    without_variables(value, text)?;
    let template = RouteTemplate::compile_for_answers(text, captures);
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

/// Refuses what is a variable for nginx, and would be sent as it stands.
fn without_variables(value: &Value<'_>, text: &str) -> Result<(), Problem> {
    match variables::variable(text) {
        Some(fault) => Err(fault.within(value)),
        None => Ok(()),
    }
}

/// The same in a target, where the groups of a regular expression may be meant as well.
pub(super) fn without_variables_and_groups(value: &Value<'_>, text: &str) -> Result<(), Problem> {
    without_variables(value, text)?;
    match variables::group(text) {
        Some(fault) => Err(fault.within(value)),
        None => Ok(()),
    }
}

fn problem(error: TemplateError, offset: usize, value: &Value<'_>) -> Problem {
    let TemplateError { at, what, expected } = error;
    Fault::new(at.start + offset..at.end + offset, what, expected).within(value)
}
