//! Takes a text apart that has names in braces, such as `{client} {method}`. `{{` and `}}` stand for braces.

use std::ops::Range;

/// A piece of such a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(String),
    /// What stands between two braces, and the place of all three.
    Name(&'t str, Range<usize>),
}

/// A brace that stands alone, at this byte.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Alone(pub(super) usize);

impl Alone {
    pub(super) const WHAT: &str = "this brace stands alone";
    pub(super) const EXPECTED: &str = "a name between { and }, or {{ and }} for braces";
}

/// The pieces, in their order. No two texts follow each other, and none is empty.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, Alone> {
    let (mut pieces, mut plain, mut at) = (Vec::new(), String::new(), 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let step = match rest.find(['{', '}']) {
            Some(0) => brace(rest).ok_or(Alone(at))?,
            place => Step::Plain(rest.split_at(place.unwrap_or(rest.len())).0),
        };
        let end = at + step.length();
        match step {
            Step::Plain(text) => plain.push_str(text),
            Step::Doubled(brace) => plain.push(brace),
            Step::Name(name) => {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Name(name, at..end));
            }
        }
        at = end;
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}

enum Step<'t> {
    Plain(&'t str),
    Doubled(char),
    Name(&'t str),
}

impl Step<'_> {
    fn length(&self) -> usize {
        match self {
            Step::Plain(text) => text.len(),
            Step::Doubled(_) => 2,
            Step::Name(name) => name.len() + 2,
        }
    }
}

/// Reads what begins with a brace.
fn brace(rest: &str) -> Option<Step<'_>> {
    if rest.starts_with("{{") {
        return Some(Step::Doubled('{'));
    }
    if rest.starts_with("}}") {
        return Some(Step::Doubled('}'));
    }
    let (name, _) = rest.strip_prefix('{')?.split_once('}')?;
    Some(Step::Name(name))
}
