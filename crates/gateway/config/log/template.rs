//! Reads a template, such as `{client} {method} {path} {status}`.

use super::super::model::{LogField, Part, Template};
use super::super::suggest::nearest;
use super::super::values::quoted;
use super::fault::Fault;

/// Reads a template. `{{` and `}}` stand for braces.
pub(super) fn template(text: &str) -> Result<Template, Fault> {
    let (mut parts, mut plain, mut at) = (Vec::new(), String::new(), 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let step = match rest.find(['{', '}']) {
            Some(0) => brace(rest, at)?,
            place => Step::Plain(rest.split_at(place.unwrap_or(rest.len())).0),
        };
        match step {
            Step::Plain(text) => plain.push_str(text),
            Step::Doubled(brace) => plain.push(brace),
            Step::Field(field, _) => {
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Field(field));
            }
        }
        at += step.length();
    }
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    match text.chars().find(|c| c.is_control()) {
        Some(_) => Err(Fault::new(0..text.len(), "there is a control character in it", "text on one line")),
        None => Ok(Template { parts }),
    }
}

/// The next piece of a template.
enum Step<'t> {
    Plain(&'t str),
    Doubled(char),
    /// With its length in the text.
    Field(LogField, usize),
}

impl Step<'_> {
    fn length(&self) -> usize {
        match self {
            Step::Plain(text) => text.len(),
            Step::Doubled(_) => 2,
            Step::Field(_, length) => *length,
        }
    }
}

/// Reads what begins with a brace, at the byte `at` of the template.
fn brace(rest: &str, at: usize) -> Result<Step<'_>, Fault> {
    const ALONE: &str = "a name between { and }, or {{ and }} for braces";
    if rest.starts_with("{{") {
        return Ok(Step::Doubled('{'));
    }
    if rest.starts_with("}}") {
        return Ok(Step::Doubled('}'));
    }
    let name = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let Some((name, _)) = name else {
        return Err(Fault::new(at..at + 1, "this brace stands alone", ALONE));
    };
    match LogField::by_name(name) {
        Some(field) => Ok(Step::Field(field, name.len() + 2)),
        None => {
            Err(Fault::new(at..at + name.len() + 2, format!("{} is no field", quoted(name)), expected(name)))
        }
    }
}

/// What is expected instead of a field that isn't one.
pub(super) fn expected(name: &str) -> String {
    let names: Vec<_> = LogField::names().collect();
    let all = names.join(", ");
    match nearest(name, names) {
        Some(nearest) => format!("one of {all} (did you mean {nearest}?)"),
        None => format!("one of {all}"),
    }
}

#[cfg(test)]
mod tests;
