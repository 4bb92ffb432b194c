//! Reads a template, such as `{client} {method} {path} {status}`.

use super::super::braces::{Alone, Piece, pieces};
use super::super::fault::Fault;
use super::super::model::{LogField, Part, Template};
use super::super::suggest::nearest;
use super::super::values::quoted;

/// Reads a template. `{{` and `}}` stand for braces.
pub(super) fn template(text: &str) -> Result<Template, Fault> {
    let pieces = pieces(text).map_err(|Alone(at)| Fault::new(at..at + 1, Alone::WHAT, Alone::EXPECTED))?;
    let parts = pieces.into_iter().map(part).collect::<Result<_, _>>()?;
    match text.chars().find(|c| c.is_control()) {
        Some(_) => Err(Fault::new(0..text.len(), "there is a control character in it", "text on one line")),
        None => Ok(Template { parts }),
    }
}

fn part(piece: Piece<'_>) -> Result<Part, Fault> {
    match piece {
        Piece::Text(text) => Ok(Part::Text(text)),
        Piece::Name(name, at) => match LogField::by_name(name) {
            Some(field) => Ok(Part::Field(field)),
            None => Err(Fault::new(at, format!("{} is no field", quoted(name)), expected(name))),
        },
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
